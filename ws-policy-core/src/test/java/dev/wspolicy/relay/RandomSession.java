package dev.wspolicy.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One session. What policies let pass is known because the last policy of each direction,
 * or the lack of one, says so.
 */
final class RandomSession {

	final Random random;

	final RelayScript script = new RelayScript();

	final List<String> steps = new ArrayList<>();

	private final Map<Side, RandomPeer> peers = new EnumMap<>(Side.class);

	final List<CompletableFuture<Verdict>> promises = new ArrayList<>();

	int number;

	/** A policy, or a tap, has closed the session while it was asked or told. */
	boolean closed;

	/** A policy is being asked. */
	private boolean asking;

	/** A policy was asked while one was being asked. */
	private boolean askedAmid;

	RandomSession(int seed) {
		this.random = new Random(seed);
		if (chance(30)) {
			this.script.timeouts(new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(10),
					Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60),
					Duration.ZERO, new Timeouts.Heartbeat(Duration.ofSeconds(3), Duration.ofSeconds(2))));
		}
		for (Side side : Side.values()) {
			RandomPeer peer = new RandomPeer(this, side);
			this.peers.put(side, peer);
			peer.bindPolicies();
			if (chance(10)) {
				this.script.limits(side, new Limits(20, 30, 3));
			}
		}
		if (chance(30)) {
			this.script.tap(new RandomTap());
		}
	}

	void run() {
		int length = 5 + this.random.nextInt(60);
		for (int i = 0; i < length; i++) {
			step();
			look();
		}
		boolean open = this.script.relay().isOpen();
		settle();
		this.peers.values().forEach((peer) -> peer.checkDelivery(open && this.script.relay().isOpen()));
		for (Side side : Side.values()) {
			if (!this.script.isLost(side)) {
				take("lose " + side, () -> this.script.lose(side));
			}
		}
		settle();
		assertThat(this.script.termination()).as("termination").isNotNull();
		assertThat(this.script.isSuspended(Side.CLIENT) || this.script.isSuspended(Side.UPSTREAM)).isFalse();
		assertThat(this.askedAmid).as("asked while a policy is being asked").isFalse();
		this.peers.values().forEach((peer) -> peer.checkDelivery(false));
		assertThat(this.script.observed()).as("recorded of observed policies")
			.containsExactlyInAnyOrderElementsOf(this.peers.values().stream().flatMap(RandomPeer::recorded).toList());
	}

	private void step() {
		RandomPeer peer = peer(this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM);
		int what = this.random.nextInt(100);
		if (what < 57) {
			peer.send();
		}
		else if (what < 60) {
			peer.changePolicies();
		}
		else if (what < 75) {
			keepPromise();
		}
		else if (what < 80) {
			String text = "own" + this.number++;
			take("inject " + text, () -> this.script.inject(peer.side, TextFrame.of(text)));
		}
		else if (what < 84) {
			take("ping", () -> this.script.inject(peer.side, PingFrame.of(new byte[] { 1 })));
		}
		else if (what < 90) {
			Duration time = Duration.ofMillis(this.random.nextInt(4000));
			take("advance " + time, () -> this.script.advance(time));
		}
		else if (what < 93) {
			peer.sendClose();
		}
		else if (what < 95) {
			take("close", () -> this.script.close(CloseStatus.NORMAL, CloseStatus.of(4000)));
		}
		else if (what < 97 && this.script.isMidFrame(peer.side) && !this.script.isSuspended(peer.side)) {
			take("stall " + peer.side, () -> this.script.stall(peer.side));
		}
		else if (what < 98) {
			peer.violate();
		}
		else if (what == 98) {
			peer.slow = !peer.slow;
			take("slow: " + peer.slow, () -> this.script.writable(peer.side, !peer.slow));
		}
		else if (what == 99 && !this.script.isLost(peer.side)) {
			if (chance(30) && !peer.ended) {
				peer.ended = true;
				take("end of the stream of " + peer.side, () -> this.script.endStream(peer.side));
			}
			else {
				take("lose " + peer.side, () -> this.script.lose(peer.side));
			}
		}
	}

	/** Keep all promises, or let the time for them pass. */
	private void settle() {
		while (this.script.isSuspended(Side.CLIENT) || this.script.isSuspended(Side.UPSTREAM)) {
			if (chance(50)) {
				take("wait", () -> this.script.advance(Duration.ofSeconds(11)));
			}
			else {
				keepPromise();
			}
			take("turn", this.script::turn);
		}
	}

	private void keepPromise() {
		if (this.promises.isEmpty()) {
			return;
		}
		CompletableFuture<Verdict> promise = this.promises.remove(this.random.nextInt(this.promises.size()));
		if (chance(10)) {
			take("break a promise", () -> this.script.fail(promise, new IllegalStateException()));
		}
		else if (chance(20)) {
			this.steps.add("keep a promise elsewhere");
			promise.complete(Verdict.forward());
			look();
		}
		else {
			Verdict verdict = chance(50) ? Verdict.forward() : Verdict.drop();
			take("keep a promise: " + verdict, () -> this.script.answer(promise, verdict));
		}
	}

	void take(String step, Runnable action) {
		this.steps.add(step);
		action.run();
		look();
	}

	private void look() {
		for (RelayAction action : this.script.takeActions()) {
			if (action instanceof RelayAction.Forward forward) {
				peer(forward.to().peer()).delivered(forward.frame());
			}
			else if (action instanceof RelayAction.Send send) {
				peer(send.to().peer()).delivered(send.frame());
			}
		}
	}

	/**
	 * Whoever is called by the relay may keep a promise at once, or close the session.
	 */
	void meddle() {
		if (chance(20) && !this.promises.isEmpty()) {
			this.promises.remove(this.random.nextInt(this.promises.size())).complete(Verdict.forward());
		}
		else if (chance(2)) {
			this.closed |= this.script.session().isOpen();
			this.script.session().close(CloseStatus.of(4001));
		}
	}

	Verdict ask(FramePolicy policy, Frame frame, FrameContext context) {
		this.askedAmid |= this.asking;
		this.asking = true;
		try {
			return policy.apply(frame, context);
		}
		finally {
			this.asking = false;
		}
	}

	private RandomPeer peer(Side side) {
		return this.peers.computeIfAbsent(side, (key) -> new RandomPeer(this, key));
	}

	boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

	/**
	 * Looks at what it is told of, and may do something about it; never where a frame is
	 * about to be forwarded of which the last policy has written down that it is.
	 */
	private final class RandomTap implements RelayTap {

		@Override
		public void onOutcome(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
				List<ObservedVerdict> observed, long nanos) {
			frame.payload();
			if (outcome != Outcome.FORWARD || frame.type().isControl()) {
				meddle();
			}
		}

		@Override
		public void onObserved(ObservedVerdict verdict) {
			meddle();
		}

		@Override
		public void onMade(Side side, Origin origin, @Nullable String policy, Frame frame) {
			frame.payload();
			meddle();
		}

	}

}
