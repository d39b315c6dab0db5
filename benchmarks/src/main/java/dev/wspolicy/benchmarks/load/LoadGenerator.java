package dev.wspolicy.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The clients: takes a {@link LoadCommand} on each line of its input, and writes a
 * {@link LoadResult} for each.
 */
public final class LoadGenerator {

	private final SocketLoop loop;

	private @Nullable HoldRun held;

	private LoadGenerator() throws IOException {
		this.loop = new SocketLoop();
	}

	/**
	 * Run until the input ends.
	 * @param args none
	 * @throws IOException if the input or a selector fails
	 */
	public static void main(String[] args) throws IOException {
		JsonMapper json = JsonMapper.shared();
		LoadGenerator generator = new LoadGenerator();
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		String line = commands.readLine();
		while (line != null) {
			LoadResult result = generator.carryOut(json.readValue(line, LoadCommand.class));
			System.out.println(json.writeValueAsString(result));
			line = commands.readLine();
		}
	}

	private LoadResult carryOut(LoadCommand command) throws IOException {
		return switch (command.kind()) {
			case ECHO -> new EchoRun(command, this.loop).run();
			case FAN_OUT -> new FanOutRun(command, this.loop).run();
			case HANDSHAKES -> new HandshakeRun(command, this.loop).run();
			case STORM -> new StormRun(command, this.loop).run();
			case HOLD -> hold(command);
			case RELEASE -> release();
		};
	}

	private LoadResult hold(LoadCommand command) throws IOException {
		HoldRun run = new HoldRun(command, this.loop);
		this.held = run;
		return run.run();
	}

	private LoadResult release() throws IOException {
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
		return new LoadResult(0, 0, 0, 0, 0, 0, 0, null);
	}

}
