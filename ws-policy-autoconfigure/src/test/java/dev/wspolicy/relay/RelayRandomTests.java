package dev.wspolicy.relay;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Thousands of sessions made up by chance. What each of them must keep to is checked by
 * {@link RelayScript} and {@link ScriptLeg} at each step; here it is checked that what
 * passes the policies is delivered in order, none lost and none twice, and that each
 * session ends.
 */
class RelayRandomTests extends AbstractRelayTests {

	private static final int SESSIONS = 1000;

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3, 4, 5, 6, 7 })
	void sessionsMadeUpByChance(int round) {
		for (int seed = round * SESSIONS; seed < (round + 1) * SESSIONS; seed++) {
			RandomSession session = new RandomSession(seed);
			try {
				session.run();
			}
			catch (RuntimeException | AssertionError ex) {
				throw new AssertionError("Session " + seed + ": " + session.steps, ex);
			}
		}
	}

	/**
	 * One session. What policies let pass is known because the last policy of each
	 * direction, or the lack of one, says so.
	 */
	private static final class RandomSession {

		private final Random random;

		private final RelayScript script = new RelayScript();

		private final List<String> steps = new ArrayList<>();

		private final Map<Side, Peer> peers = new EnumMap<>(Side.class);

		private final List<CompletableFuture<Verdict>> promises = new ArrayList<>();

		private int number;

		/** A policy, or a tap, has closed the session while it was asked or told. */
		private boolean closed;

		/** A policy is being asked. */
		private boolean asking;

		/** A policy was asked while one was being asked. */
		private boolean askedAmid;

		RandomSession(int seed) {
			this.random = new Random(seed);
			if (chance(30)) {
				this.script.eager();
			}
			if (chance(30)) {
				this.script.timeouts(new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(10),
						Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60),
						new Timeouts.Heartbeat(Duration.ofSeconds(3), Duration.ofSeconds(2))));
			}
			for (Side side : Side.values()) {
				Peer peer = new Peer(side);
				this.peers.put(side, peer);
				peer.bindPolicies();
				if (chance(10)) {
					this.script.limits(side, new Limits(20, 30, 3));
				}
			}
			if (chance(30)) {
				this.script.relay().tap(new RandomTap());
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
		}

		private void step() {
			Peer peer = peer(this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM);
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
				take("lose " + peer.side, () -> this.script.lose(peer.side));
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

		private void take(String step, Runnable action) {
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
		 * Whoever is called by the relay may keep a promise at once, or close the
		 * session.
		 */
		private void meddle() {
			if (chance(20) && !this.promises.isEmpty()) {
				this.promises.remove(this.random.nextInt(this.promises.size())).complete(Verdict.forward());
			}
			else if (chance(2)) {
				this.closed |= this.script.session().isOpen();
				this.script.session().close(CloseStatus.of(4001));
			}
		}

		private Verdict ask(FramePolicy policy, Frame frame, FrameContext context) {
			this.askedAmid |= this.asking;
			this.asking = true;
			try {
				return policy.apply(frame, context);
			}
			finally {
				this.asking = false;
			}
		}

		private Peer peer(Side side) {
			return this.peers.computeIfAbsent(side, Peer::new);
		}

		private boolean chance(int percent) {
			return this.random.nextInt(100) < percent;
		}

		/**
		 * Looks at what it is told of, and may do something about it; never where a frame
		 * is about to be forwarded of which the last policy has written down that it is.
		 */
		private final class RandomTap implements RelayTap {

			@Override
			public void onJudged(Direction direction, Origin origin, Frame frame, Outcome outcome,
					@Nullable String policy, long nanos) {
				frame.payload();
				if (outcome != Outcome.FORWARD || frame.type().isControl()) {
					meddle();
				}
			}

			@Override
			public void onMade(Side side, Origin origin, @Nullable String policy, Frame frame) {
				frame.payload();
				meddle();
			}

		}

		/**
		 * A peer, what it sends, and what of it the other one has been delivered.
		 */
		private final class Peer {

			private final Side side;

			private final List<String> passed = new ArrayList<>();

			private final List<String> delivered = new ArrayList<>();

			private final StringBuilder sending = new StringBuilder();

			private final StringBuilder receiving = new StringBuilder();

			/** Policies that another pipeline may do without. */
			private final Deque<String> dispensable = new ArrayDeque<>();

			/**
			 * The last policy writes down what has passed; if there is none, all does.
			 */
			private boolean recorded;

			private boolean byFrame;

			private boolean inMessage;

			private boolean inFrame;

			/** It does not take what is written to it. */
			private boolean slow;

			Peer(Side side) {
				this.side = side;
			}

			void bindPolicies() {
				int count = RandomSession.this.random.nextInt(4);
				this.recorded = count > 0;
				Granularity last = chance(30) ? Granularity.FRAME : Granularity.MESSAGE;
				this.byFrame = this.recorded && last == Granularity.FRAME;
				for (int i = 1; i < count; i++) {
					Granularity granularity = (last == Granularity.FRAME || chance(40)) ? Granularity.FRAME
							: Granularity.MESSAGE;
					boolean tame = chance(30);
					this.dispensable.add("random-" + i);
					PolicyBinding binding = PolicyBinding
						.of("random-" + i,
								(frame, context) -> ask((shown, where) -> tame ? tame(shown) : wild(shown, where),
										frame, context))
						.granularity(granularity)
						.onError(OnError.values()[RandomSession.this.random.nextInt(3)])
						.types(types().toArray(new FrameType[0]));
					RandomSession.this.script.bind(this.side, binding);
				}
				if (this.recorded) {
					RandomSession.this.script.bind(this.side,
							PolicyBinding
								.of("recorder",
										(frame, context) -> ask((shown, where) -> record(shown), frame, context))
								.granularity(last));
				}
			}

			void changePolicies() {
				if (!this.dispensable.isEmpty() && chance(50)) {
					RandomSession.this.script.unbind(this.side, this.dispensable.remove());
				}
				take("change policies, without those of " + this.side + " but " + this.dispensable,
						RandomSession.this.script::succeed);
			}

			private Set<FrameType> types() {
				Set<FrameType> types = EnumSet.of(FrameType.TEXT, FrameType.BINARY);
				if (chance(30)) {
					types.addAll(EnumSet.of(FrameType.PING, FrameType.PONG, FrameType.CLOSE));
				}
				if (chance(20)) {
					types.remove(FrameType.BINARY);
				}
				return types;
			}

			private Verdict record(Frame frame) {
				// Policies that follow are asked though one has closed the session: in
				// vain.
				if (!RandomSession.this.closed) {
					add(payload(frame), frame.fin(), this.sending, this.passed);
				}
				return Verdict.forward();
			}

			private Verdict tame(Frame frame) {
				return chance(20) ? promise(frame) : Verdict.forward();
			}

			private Verdict promise(Frame frame) {
				frame.payload();
				CompletableFuture<Verdict> promise = new CompletableFuture<>();
				if (chance(30)) {
					promise.complete(Verdict.forward());
				}
				else {
					RandomSession.this.promises.add(promise);
				}
				return Verdict.later(promise);
			}

			private Verdict wild(Frame frame, FrameContext context) {
				frame.payload();
				boolean fragment = !frame.fin() || frame.type() == FrameType.CONTINUATION;
				switch (RandomSession.this.random.nextInt(fragment ? 14 : 20)) {
					case 0:
						return Verdict.drop();
					case 1:
						return Verdict.reply(TextFrame.of("own reply"), PingFrame.of(new byte[0]));
					case 2:
						return promise(frame);
					case 3:
						// In place of a ping it may have to wait, out of order.
						return frame.type().isControl() ? Verdict.replace(frame)
								: Verdict.replaceText("changed " + RandomSession.this.number++);
					case 4:
						return Verdict.replace(frame);
					case 5:
						if (chance(10)) {
							throw new IllegalStateException();
						}
						return Verdict.forward();
					case 6:
						context.session()
							.send(RandomSession.this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM,
									TextFrame.of("own send"));
						return Verdict.forward();
					case 7:
						meddle();
						frame.payload();
						return Verdict.forward();
					case 14:
						return frame.type().isControl() ? Verdict.replace(frame, frame)
								: Verdict.replace(TextFrame.of("1st"), frame, BinaryFrame.of(new byte[] { '3' }));
					case 15:
						return Verdict.replace(PingFrame.of(new byte[0]), frame);
					case 16:
						return Verdict.replace();
					case 17:
						return Verdict.replace(CloseFrame.of(CloseStatus.of(4002)));
					case 18:
						return chance(20) ? Verdict.close(CloseStatus.of(4003)) : Verdict.forward();
					default:
						return Verdict.forward();
				}
			}

			void send() {
				if (RandomSession.this.script.isLost(this.side)) {
					return;
				}
				if (this.inFrame) {
					this.inFrame = false;
					take("rest " + this.side, () -> RandomSession.this.script.rest(this.side));
					return;
				}
				ScriptFrame frame = nextFrame();
				if (chance(20)) {
					this.inFrame = true;
					take("header " + this.side + " " + frame, () -> RandomSession.this.script.header(this.side, frame));
				}
				else {
					take("receive " + this.side + " " + frame,
							() -> RandomSession.this.script.receive(this.side, frame));
				}
			}

			private ScriptFrame nextFrame() {
				if (chance(20)) {
					return RandomSession.this.random.nextBoolean() ? ping("p") : pong("p");
				}
				String content = chance(15) ? "" : "-" + RandomSession.this.number++;
				boolean fin = chance(60);
				ScriptFrame frame;
				if (this.inMessage) {
					frame = fin ? last(content) : next(content);
				}
				else {
					FrameType type = RandomSession.this.random.nextBoolean() ? FrameType.TEXT : FrameType.BINARY;
					frame = ScriptFrame.of(type, fin, text(content).bytes());
				}
				this.inMessage = !fin;
				if (!this.recorded) {
					add(content, fin, this.sending, this.passed);
				}
				return frame;
			}

			void sendClose() {
				if (!RandomSession.this.script.isLost(this.side) && !this.inFrame) {
					take("close " + this.side, () -> RandomSession.this.script.receive(this.side, close(1000)));
				}
			}

			void violate() {
				if (!RandomSession.this.script.isLost(this.side) && !this.inFrame) {
					ScriptFrame wrong = chance(50) ? ping("x").rsv(1) : ping("x").claiming(-1);
					take("violate " + this.side, () -> RandomSession.this.script.receive(this.side, wrong));
				}
			}

			void delivered(ScriptFrame frame) {
				if (frame.type().isData()) {
					add(new String(frame.bytes(), StandardCharsets.UTF_8), frame.fin(), this.receiving, this.delivered);
				}
			}

			/** Another frame of a message: by itself, where fragments are looked at. */
			private void add(String content, boolean fin, StringBuilder message, List<String> messages) {
				message.append(content);
				if (fin || this.byFrame) {
					if (!message.toString().startsWith("own") && !(this.byFrame && message.isEmpty())) {
						messages.add(message.toString());
					}
					message.setLength(0);
				}
			}

			void checkDelivery(boolean complete) {
				boolean exact = this.recorded ? !RandomSession.this.script.isLost(this.side.peer())
						: complete && !this.inFrame;
				int count = exact ? this.passed.size() : Math.min(this.delivered.size(), this.passed.size());
				assertThat(this.delivered).as("delivered of " + this.side).isEqualTo(this.passed.subList(0, count));
			}

		}

	}

}
