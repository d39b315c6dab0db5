package dev.wspolicy.proving.faults;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.testkit.WireFrame;

/**
 * A session with a {@link SequencePeer} at each end, and what is promised to them.
 */
final class Talk {

	private final long id;

	private final Fate fate;

	private final Way way;

	private final long most;

	private final CountDownLatch served = new CountDownLatch(1);

	private volatile @Nullable SequencePeer upstream;

	private volatile @Nullable Throwable wrong;

	private volatile boolean killed;

	private volatile boolean drained;

	Talk(long id, Fate fate, Way way, long most) {
		this.id = id;
		this.fate = fate;
		this.way = way;
		this.most = most;
	}

	long id() {
		return this.id;
	}

	Way way() {
		return this.way;
	}

	/** Runs the client's end, and checks both. */
	void run(SequencePeer client) throws InterruptedException {
		client.run(this.most, this.fate == Fate.CLIENT_DIES, new Random(this.id));
		if (!this.served.await(120, TimeUnit.SECONDS)) {
			throw new AssertionError("The upstream's end does not end: " + this.upstream);
		}
		SequencePeer upstream = this.upstream;
		if (this.wrong != null || upstream == null) {
			throw new AssertionError("upstream's end", this.wrong);
		}
		if (this.drained) {
			requireEnd(client, upstream, 1001);
			requireEnd(upstream, client, 1001);
		}
		else if (this.fate == Fate.CLIENT_DIES) {
			requireEnd(upstream, client, 1001);
		}
		else if (this.killed || this.fate == Fate.UPSTREAM_DIES) {
			requireEnd(client, upstream, 1011);
		}
		else {
			requireAll(client, upstream);
			requireAll(upstream, client);
		}
	}

	/** Returns how many frames have arrived at both ends. */
	long frames(SequencePeer client) {
		SequencePeer upstream = this.upstream;
		return client.reader().frames() + ((upstream != null) ? upstream.reader().frames() : 0);
	}

	/** Serves the upstream's end. */
	void serve(SequencePeer peer) {
		this.upstream = peer;
		try {
			boolean dies = this.fate == Fate.UPSTREAM_DIES;
			peer.run(dies ? this.most / 2 : this.most, dies, new Random(~this.id));
		}
		catch (Throwable ex) {
			this.wrong = ex;
		}
		finally {
			this.served.countDown();
		}
	}

	/** The gateway is about to end the session. */
	void expectDrain() {
		this.drained = true;
	}

	void killUpstream() {
		// Its connection may have been accepted, or be about to be.
		this.killed = true;
		SequencePeer peer = this.upstream;
		if (peer != null) {
			peer.reset();
		}
	}

	/** After an orderly close nothing is missing. */
	private void requireAll(SequencePeer receiver, SequencePeer sender) {
		SequenceReader reader = receiver.reader();
		WireFrame close = reader.close();
		if (close == null || close.closeCode() != 1000 || reader.announced() != reader.frames()
				|| reader.frames() != sender.sent()) {
			throw new AssertionError("Not all has arrived: " + receiver + "; " + sender + "; " + this);
		}
	}

	/**
	 * The peer of a leg that was lost gets the promised close, or the end of half a
	 * frame.
	 */
	private void requireEnd(SequencePeer survivor, SequencePeer lost, int code) {
		SequenceReader reader = survivor.reader();
		WireFrame close = reader.close();
		if (reader.frames() > lost.sent()) {
			throw new AssertionError("More has arrived than was sent: " + survivor + "; " + lost);
		}
		if (close != null) {
			// A side that has closed already gets its own status back.
			boolean either = this.drained && (close.closeCode() == 1001 || close.closeCode() == 1011);
			if (close.closeCode() != code && close.closeCode() != 1000 && !either) {
				throw new AssertionError("Not closed with " + code + ": " + survivor + "; " + this);
			}
		}
		else if (!survivor.isDead() && !survivor.wasReset() && !reader.endedWithinAFrame()) {
			throw new AssertionError("Ended without a close frame: " + survivor + "; " + lost + "; " + this);
		}
	}

	@Override
	public String toString() {
		return this.fate + (this.killed ? ", upstream killed" : "") + ", session " + this.id + ", " + this.way;
	}

	/**
	 * How a session ends.
	 */
	enum Fate {

		CLOSES, CLIENT_DIES, UPSTREAM_DIES

	}

}
