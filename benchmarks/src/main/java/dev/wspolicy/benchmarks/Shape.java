package dev.wspolicy.benchmarks;

import java.util.List;

import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadCommand.Kind;

/**
 * A load that all contestants are put under.
 *
 * @param name the name that options and figures use
 * @param title what readers of the figures see
 * @param command what the load generator is to do
 */
record Shape(String name, String title, LoadCommand command) {

	/** The sessions of a load. */
	static final int SESSIONS = 64;

	/** The loads that all contestants are put under. */
	static final List<Shape> ALL = List.of(echo("window-1", "128 B, window 1", 128, 1),
			echo("window-16", "128 B, window 16", 128, 16), echo("large", "16 KiB, window 4", 16 * 1024, 4),
			new Shape("fan-out", "128 B, fan-out", LoadCommand.of(Kind.FAN_OUT, 0).with(128, SESSIONS, 1).every(2000)),
			new Shape("handshakes", "handshakes", LoadCommand.of(Kind.HANDSHAKES, 0).with(128, 16, 1)));

	/** How many sessions live in each load of the series. */
	static final List<Integer> LIVE = List.of(64, 1000, 5000);

	private static Shape echo(String name, String title, int size, int window) {
		return new Shape(name, title, LoadCommand.of(Kind.ECHO, 0).with(size, SESSIONS, window));
	}

	/** As many messages on their way as ever, spread over a number of sessions. */
	static Shape spread(int sessions) {
		return new Shape("live-" + sessions, sessions + " live sessions",
				LoadCommand.of(Kind.ECHO, 0).with(128, sessions, SESSIONS).inTurn());
	}

}
