package dev.wspolicy.relay;

import dev.wspolicy.session.Side;

/**
 * Tracks when anything of a message has travelled last. A message may be under way for
 * longer than a session may be idle; the session is not idle as long as bytes of it come
 * from the sender, or are taken by the receiver, or as a verdict on it is awaited: then
 * the peer is not read, and what it has sent meanwhile waits as well.
 */
final class IdleTracker {

	private final RelayEnvironment environment;

	private final FrameSequence inbound;

	private final Leg client;

	private final FrameSequence outbound;

	private final Leg upstream;

	private final Backlog toClient;

	private final Backlog toUpstream;

	/** When a backlog was last taken to its end. */
	private long lastTaken;

	IdleTracker(RelayEnvironment environment, FrameSequence inbound, Leg client, FrameSequence outbound, Leg upstream) {
		this.environment = environment;
		this.inbound = inbound;
		this.client = client;
		this.outbound = outbound;
		this.upstream = upstream;
		this.toClient = new Backlog(new Uptake(this.environment.output, Side.CLIENT));
		this.toUpstream = new Backlog(new Uptake(this.environment.output, Side.UPSTREAM));
		this.lastTaken = this.environment.output.nanoTime();
	}

	void onWritability(Side side, boolean writable) {
		Backlog backlog = (side == Side.CLIENT) ? this.toClient : this.toUpstream;
		backlog.standing = !writable;
		if (writable) {
			this.lastTaken = this.environment.output.nanoTime();
		}
		else {
			backlog.uptake.lookSoon();
		}
	}

	/**
	 * Returns for how long nothing has travelled.
	 * @param now the time
	 * @param lastData when a data frame has come last
	 * @return the time in nanoseconds
	 */
	long nanos(long now, long lastData) {
		long nanos = Math.min(now - lastData, Math.min(now - this.lastTaken, now - this.environment.lastAwaited));
		if (this.inbound.isInFrame()) {
			nanos = Math.min(nanos, now - this.client.readAt());
		}
		if (this.outbound.isInFrame()) {
			nanos = Math.min(nanos, now - this.upstream.readAt());
		}
		boolean taking = this.toClient.moves() | this.toUpstream.moves();
		return (taking || this.environment.awaitedVerdicts > 0) ? 0 : nanos;
	}

	/**
	 * What waits for a peer that is above the high-water mark.
	 */
	private static final class Backlog {

		private final Uptake uptake;

		private boolean standing;

		Backlog(Uptake uptake) {
			this.uptake = uptake;
		}

		/** Whether the peer has taken some of it since it was last looked at. */
		boolean moves() {
			return this.standing && this.uptake.look();
		}

	}

}
