package dev.wspolicy.relay;

import java.time.Duration;

import dev.wspolicy.session.Termination.Cause;

/**
 * Limits how long a session that is closing waits for its peers. Each peer has
 * {@code close-timeout} to answer. That time does not run as long as the peer takes what
 * stands before its close frame: bytes that wait to be written, and the rest of a message
 * that is under way. In total, the session waits no longer than
 * {@code slow-consumer-timeout}.
 */
final class CloseDeadline {

	private final RelayOutput output;

	private final long timeout;

	/** How long peers may take what stands before a close frame; zero for ever. */
	private final long limit;

	private final Transfer toClient;

	private final Transfer toUpstream;

	private final long begunAt;

	private long deadline;

	/** Slow peers have been waited for already. */
	private boolean exhausted;

	/**
	 * Creates the deadline of a session that begins to end now, and schedules it.
	 * @param environment the output, and the timeouts of the session
	 * @param cause why the session ends
	 * @param client the leg to the client
	 * @param inbound what comes from the client
	 * @param upstream the leg to the upstream
	 * @param outbound what comes from the upstream
	 */
	CloseDeadline(RelayEnvironment environment, Cause cause, Leg client, FrameSequence inbound, Leg upstream,
			FrameSequence outbound) {
		this.output = environment.output;
		this.timeout = environment.timeouts.close().toNanos();
		this.limit = environment.timeouts.slowConsumer().toNanos();
		this.toClient = new Transfer(upstream, outbound, client);
		this.toUpstream = new Transfer(client, inbound, upstream);
		this.begunAt = this.output.nanoTime();
		this.deadline = this.begunAt + this.timeout;
		this.exhausted = cause == Cause.SLOW_CONSUMER;
		schedule(this.timeout);
	}

	/**
	 * A socket has taken a close frame just now: only now can the peer answer it.
	 * @param nanos how long the close frame has waited for what stood before it
	 */
	void extend(long nanos) {
		long latest = this.output.nanoTime() + this.timeout;
		this.deadline = Math.min(this.deadline + nanos, latest);
	}

	/**
	 * The timer has gone off.
	 * @return {@code false} if the peers are to be given more time
	 */
	boolean isOver() {
		long now = this.output.nanoTime();
		if (now - this.deadline < 0) {
			schedule(this.deadline - now);
			return false;
		}
		this.exhausted |= this.limit > 0 && now - this.begunAt >= this.limit;
		this.toClient.look();
		this.toUpstream.look();
		if (!this.exhausted && (this.toClient.isBusy() || this.toUpstream.isBusy())) {
			restart();
			return false;
		}
		return true;
	}

	/** The time is up: closes a socket, unless its peer still takes what it is given. */
	void close(Leg leg) {
		Transfer transfer = (this.toClient.leg == leg) ? this.toClient : this.toUpstream;
		if (!this.exhausted && transfer.moves && leg.isClosing()) {
			restart();
		}
		else {
			leg.closeSocket();
		}
	}

	private void restart() {
		this.deadline = this.output.nanoTime() + this.timeout;
		schedule(this.timeout);
	}

	private void schedule(long nanos) {
		this.output.schedule(RelayTimer.CLOSE, Duration.ofNanos(nanos));
	}

	/**
	 * What travels to a leg.
	 */
	private final class Transfer {

		private final Leg source;

		private final FrameSequence sequence;

		private final Leg leg;

		private final Uptake uptake;

		private long readAt;

		/** Something has moved between the last two looks. */
		private boolean moves;

		/** A message was under way when the session began to end, and has not ended. */
		private boolean underWay;

		/** How many messages had ended before that one. */
		private final long endedBefore;

		Transfer(Leg source, FrameSequence sequence, Leg leg) {
			this.source = source;
			this.sequence = sequence;
			this.leg = leg;
			this.uptake = new Uptake(CloseDeadline.this.output, leg.side());
			this.uptake.lookSoon();
			this.readAt = source.readAt();
			this.underWay = sequence.isUnderWay();
			this.endedBefore = sequence.endedMessages();
		}

		void look() {
			// Messages that begin later are not waited for.
			this.underWay &= this.sequence.isUnderWay() && this.sequence.endedMessages() == this.endedBefore;
			long readAt = this.source.readAt();
			this.moves = this.uptake.look() || (this.underWay && readAt != this.readAt);
			this.readAt = readAt;
		}

		/** A peer is taking what stands before its close frame. */
		boolean isBusy() {
			return this.moves && this.leg.isConnected() && (this.leg.isClosing() || this.underWay
					|| (this.leg.isCloseOmitted() && CloseDeadline.this.output.unwritten(this.leg.side()) > 0));
		}

	}

}
