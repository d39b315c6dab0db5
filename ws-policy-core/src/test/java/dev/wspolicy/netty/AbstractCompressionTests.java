package dev.wspolicy.netty;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

/**
 * Base of the tests of sessions of which one leg or both are compressed.
 */
abstract class AbstractCompressionTests {

	static final int RSV1 = 4;

	private static final TurnBudget UNHURRIED = new TurnBudget(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

	final WireDeflate client = new WireDeflate();

	final WireDeflate upstream = new WireDeflate();

	Limits limits = Limits.NONE;

	final List<PolicyBinding> policies = new ArrayList<>();

	@Nullable EmbeddedSession session;

	@AfterEach
	void close() {
		if (this.session != null) {
			this.session.close();
		}
	}

	static PerMessageDeflate agreement(boolean takeover) {
		return new PerMessageDeflate("", takeover, takeover, -1, 10);
	}

	final void open(@Nullable PerMessageDeflate clientDeflate, @Nullable PerMessageDeflate upstreamDeflate) {
		this.session = EmbeddedSession.builder()
			.inbound(this.policies)
			.limits(this.limits)
			.budget(UNHURRIED)
			.deflate(clientDeflate, upstreamDeflate)
			.open();
	}

	final EmbeddedChannel channel(Side side) {
		return this.session.channel(side);
	}

	final void fromClient(WireFrame... frames) {
		from(Side.CLIENT, frames);
	}

	final void fromUpstream(WireFrame... frames) {
		from(Side.UPSTREAM, frames);
	}

	final void from(Side side, WireFrame... frames) {
		this.session.read(side, frames);
	}

	static WireFrame[] masked(WireFrame... frames) {
		return Arrays.stream(frames).map(WireFrame::masked).toArray(WireFrame[]::new);
	}

	final List<WireFrame> read(Side side) {
		return this.session.frames(side);
	}

	/** What data frames come to, inflated where they say so. */
	static List<byte[]> messages(@Nullable WireDeflate inflater, List<WireFrame> frames) {
		List<byte[]> messages = new ArrayList<>();
		ByteArrayOutputStream message = new ByteArrayOutputStream();
		boolean compressed = false;
		for (WireFrame frame : frames) {
			if (frame.opcode() == WireFrame.PING) {
				continue;
			}
			if (frame.opcode() != WireFrame.CONTINUATION) {
				compressed = frame.rsv() == RSV1;
			}
			message.writeBytes(frame.payload());
			if (frame.fin()) {
				byte[] bytes = message.toByteArray();
				messages.add(compressed ? inflater.inflate(bytes) : bytes);
				message.reset();
			}
		}
		return messages;
	}

	static WireFrame lastOf(List<WireFrame> frames) {
		return frames.get(frames.size() - 1);
	}

}
