package dev.wspolicy.benchmarks.load;

import java.util.List;

/**
 * What a load generator is to do.
 *
 * @param kind the kind of load
 * @param port where to
 * @param size the payload length of each message
 * @param sessions how many sessions; how many at a time, for handshakes
 * @param window how many messages of a session are on their way at a time; how many of
 * all sessions, if rotating
 * @param rotating whether the next message goes on the next session rather than on the
 * one that has got its answer
 * @param intervalMicros how long between two messages of a session, for fan-out
 * @param replaced whether the proxy rewrites the messages
 * @param compressed whether messages are compressed
 * @param warmUpMillis how long to go on before anything is measured
 * @param durationMillis how long to measure
 * @param proxy the processes whose CPU time is measured
 * @param upstream the process at the other end
 */
public record LoadCommand(Kind kind, int port, int size, int sessions, int window, boolean rotating, int intervalMicros,
		boolean replaced, boolean compressed, long warmUpMillis, long durationMillis, List<Long> proxy, long upstream) {

	/**
	 * What a command is without anything said: one session that is open for no time.
	 * @param kind the kind of load
	 * @param port where to
	 * @return the command
	 */
	public static LoadCommand of(Kind kind, int port) {
		return new LoadCommand(kind, port, 128, 1, 1, false, 0, false, false, 0, 0, List.of(), 0);
	}

	/**
	 * This command, with other sizes.
	 * @param size the payload length of each message
	 * @param sessions how many sessions
	 * @param window how many messages are on their way at a time
	 * @return the command
	 */
	public LoadCommand with(int size, int sessions, int window) {
		return new LoadCommand(this.kind, this.port, size, sessions, window, this.rotating, this.intervalMicros,
				this.replaced, this.compressed, this.warmUpMillis, this.durationMillis, this.proxy, this.upstream);
	}

	/**
	 * This command, with one window for all sessions in turn.
	 * @return the command
	 */
	public LoadCommand inTurn() {
		return new LoadCommand(this.kind, this.port, this.size, this.sessions, this.window, true, this.intervalMicros,
				this.replaced, this.compressed, this.warmUpMillis, this.durationMillis, this.proxy, this.upstream);
	}

	/**
	 * This command, with the upstream sending at a rate.
	 * @param intervalMicros how long between two messages of a session
	 * @return the command
	 */
	public LoadCommand every(int intervalMicros) {
		return new LoadCommand(this.kind, this.port, this.size, this.sessions, this.window, this.rotating,
				intervalMicros, this.replaced, this.compressed, this.warmUpMillis, this.durationMillis, this.proxy,
				this.upstream);
	}

	/**
	 * This command, with messages that are compressed.
	 * @return the command
	 */
	public LoadCommand withCompression() {
		return new LoadCommand(this.kind, this.port, this.size, this.sessions, this.window, this.rotating,
				this.intervalMicros, this.replaced, true, this.warmUpMillis, this.durationMillis, this.proxy,
				this.upstream);
	}

	/**
	 * This command, for a while.
	 * @param warmUpMillis how long to go on before anything is measured
	 * @param durationMillis how long to measure
	 * @return the command
	 */
	public LoadCommand lasting(long warmUpMillis, long durationMillis) {
		return new LoadCommand(this.kind, this.port, this.size, this.sessions, this.window, this.rotating,
				this.intervalMicros, this.replaced, this.compressed, warmUpMillis, durationMillis, this.proxy,
				this.upstream);
	}

	/**
	 * This command, aimed at a proxy.
	 * @param port where to
	 * @param replaced whether the proxy rewrites the messages
	 * @param proxy the processes whose CPU time is measured
	 * @param upstream the process at the other end
	 * @return the command
	 */
	public LoadCommand at(int port, boolean replaced, List<Long> proxy, long upstream) {
		return new LoadCommand(this.kind, port, this.size, this.sessions, this.window, this.rotating,
				this.intervalMicros, replaced, this.compressed, this.warmUpMillis, this.durationMillis, proxy,
				upstream);
	}

	/**
	 * The kind of load.
	 */
	public enum Kind {

		/**
		 * Each message is answered, each answer gives way to the next message.
		 */
		ECHO,

		/**
		 * The upstream sends at a rate, the clients count.
		 */
		FAN_OUT,

		/**
		 * Sessions are opened and closed.
		 */
		HANDSHAKES,

		/**
		 * Sessions are dropped, and their clients return, all at once.
		 */
		STORM,

		/**
		 * Sessions are opened, used once, and kept.
		 */
		HOLD,

		/**
		 * The kept sessions are closed.
		 */
		RELEASE

	}

}
