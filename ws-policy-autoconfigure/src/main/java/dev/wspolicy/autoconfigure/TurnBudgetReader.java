package dev.wspolicy.autoconfigure;

import org.springframework.util.unit.DataSize;

import dev.wspolicy.autoconfigure.WsPolicyProperties.Turn;
import dev.wspolicy.pipeline.TurnBudget;

/**
 * Creates the {@link TurnBudget} from properties.
 */
final class TurnBudgetReader {

	private static final String PROPERTY = WsPolicyProperties.PREFIX + ".turn.";

	private TurnBudgetReader() {
	}

	static TurnBudget read(Turn turn) {
		if (turn.getFrames() <= 0) {
			throw new InvalidPipelineException("The property '" + PROPERTY + "frames' is " + turn.getFrames() + ".",
					"Set it to more than zero.");
		}
		return new TurnBudget(turn.getFrames(), bytes("read-bytes", turn.getReadBytes()),
				bytes("inflated-bytes", turn.getInflatedBytes()));
	}

	private static int bytes(String name, DataSize size) {
		long bytes = size.toBytes();
		if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
			throw new InvalidPipelineException("The property '" + PROPERTY + name + "' is " + bytes + " bytes.",
					"Set it to more than zero and less than 2GB.");
		}
		return (int) bytes;
	}

}
