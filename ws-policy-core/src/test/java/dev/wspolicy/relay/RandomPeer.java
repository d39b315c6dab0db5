package dev.wspolicy.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A peer of a random session, what it sends, and what of it the other one has been
 * delivered.
 */
final class RandomPeer {

	private final RandomSession session;

	final Side side;

	private final List<String> passed = new ArrayList<>();

	private final List<String> delivered = new ArrayList<>();

	private final StringBuilder sending = new StringBuilder();

	private final StringBuilder receiving = new StringBuilder();

	/** What must be recorded of the policies that are observed. */
	private final List<ObservedModel> observed = new ArrayList<>();

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
	boolean slow;

	/** It says nothing any more. */
	boolean ended;

	RandomPeer(RandomSession session, Side side) {
		this.session = session;
		this.side = side;
	}

	void bindPolicies() {
		int count = this.session.random.nextInt(4);
		this.recorded = count > 0;
		Granularity last = this.session.chance(30) ? Granularity.FRAME : Granularity.MESSAGE;
		this.byFrame = this.recorded && last == Granularity.FRAME;
		for (int i = 1; i < count; i++) {
			Granularity granularity = (last == Granularity.FRAME || this.session.chance(40)) ? Granularity.FRAME
					: Granularity.MESSAGE;
			boolean tame = this.session.chance(30);
			PolicyMode mode = PolicyMode.values()[this.session.random.nextInt(3)];
			this.dispensable.add("random-" + i);
			bind("random-" + i, mode, tame ? (shown, where) -> tame(shown) : this::wild,
					(binding) -> binding.granularity(granularity)
						.onError(OnError.values()[this.session.random.nextInt(3)])
						.types(types().toArray(new FrameType[0])));
		}
		if (this.recorded) {
			bind("recorder", this.session.chance(30) ? PolicyMode.OBSERVE : PolicyMode.ENFORCE,
					(shown, where) -> record(shown), (binding) -> binding.granularity(last));
		}
	}

	/**
	 * What is observed must be recorded, and make no other difference; what is off must
	 * not be asked.
	 */
	private void bind(String name, PolicyMode mode, FramePolicy policy, UnaryOperator<PolicyBinding> settings) {
		FramePolicy asked = (frame, context) -> this.session.ask(policy, frame, context);
		if (mode == PolicyMode.OBSERVE) {
			ObservedModel model = new ObservedModel(name, asked);
			this.observed.add(model);
			asked = model;
		}
		else if (mode == PolicyMode.OFF) {
			asked = (frame, context) -> {
				throw new AssertionError(name + " is off");
			};
		}
		PolicyBinding binding = settings.apply(PolicyBinding.of(name, asked));
		this.session.script.bind(this.side, binding.rolledOut(Rollout.of(mode, null, null)));
	}

	/** What must have been recorded of the policies on what this side sends. */
	Stream<ObservedVerdict> recorded() {
		return this.observed.stream().flatMap((model) -> model.expected().stream());
	}

	void changePolicies() {
		if (!this.dispensable.isEmpty() && this.session.chance(50)) {
			this.session.script.unbind(this.side, this.dispensable.remove());
		}
		this.session.take("change policies, without those of " + this.side + " but " + this.dispensable,
				this.session.script::switchPipeline);
	}

	private Set<FrameType> types() {
		Set<FrameType> types = EnumSet.of(FrameType.TEXT, FrameType.BINARY);
		if (this.session.chance(30)) {
			types.addAll(EnumSet.of(FrameType.PING, FrameType.PONG, FrameType.CLOSE));
		}
		if (this.session.chance(20)) {
			types.remove(FrameType.BINARY);
		}
		return types;
	}

	private Verdict record(Frame frame) {
		// Policies that follow are asked though one has closed the session: in
		// vain.
		if (!this.session.closed) {
			add(AbstractRelayTests.payload(frame), frame.fin(), this.sending, this.passed);
		}
		return Verdict.forward();
	}

	private Verdict tame(Frame frame) {
		return this.session.chance(20) ? promise(frame) : Verdict.forward();
	}

	private Verdict promise(Frame frame) {
		frame.payload();
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		if (this.session.chance(30)) {
			promise.complete(Verdict.forward());
		}
		else {
			this.session.promises.add(promise);
		}
		return Verdict.later(promise);
	}

	private Verdict wild(Frame frame, FrameContext context) {
		frame.payload();
		boolean fragment = !frame.fin() || frame.type() == FrameType.CONTINUATION;
		switch (this.session.random.nextInt(fragment ? 14 : 20)) {
			case 0:
				return Verdict.drop();
			case 1:
				return Verdict.reply(TextFrame.of("own reply"), PingFrame.of(new byte[0]));
			case 2:
				return promise(frame);
			case 3:
				// In place of a ping it may have to wait, out of order.
				return frame.type().isControl() ? Verdict.replace(frame)
						: Verdict.replaceText("changed " + this.session.number++);
			case 4:
				return Verdict.replace(frame);
			case 5:
				if (this.session.chance(10)) {
					throw new IllegalStateException();
				}
				return Verdict.forward();
			case 6:
				context.session()
					.send(this.session.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM, TextFrame.of("own send"));
				return Verdict.forward();
			case 7:
				this.session.meddle();
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
				return this.session.chance(20) ? Verdict.close(CloseStatus.of(4003)) : Verdict.forward();
			default:
				return Verdict.forward();
		}
	}

	void send() {
		if (isGone()) {
			return;
		}
		if (this.inFrame) {
			this.inFrame = false;
			this.session.take("rest " + this.side, () -> this.session.script.rest(this.side));
			return;
		}
		ScriptFrame frame = nextFrame();
		if (this.session.chance(20)) {
			this.inFrame = true;
			this.session.take("header " + this.side + " " + frame, () -> this.session.script.header(this.side, frame));
		}
		else {
			this.session.take("receive " + this.side + " " + frame,
					() -> this.session.script.receive(this.side, frame));
		}
	}

	private ScriptFrame nextFrame() {
		if (this.session.chance(20)) {
			return this.session.random.nextBoolean() ? AbstractRelayTests.ping("p") : AbstractRelayTests.pong("p");
		}
		String content = this.session.chance(15) ? "" : "-" + this.session.number++;
		boolean fin = this.session.chance(60);
		ScriptFrame frame;
		if (this.inMessage) {
			frame = fin ? AbstractRelayTests.last(content) : AbstractRelayTests.next(content);
		}
		else {
			FrameType type = this.session.random.nextBoolean() ? FrameType.TEXT : FrameType.BINARY;
			frame = ScriptFrame.of(type, fin, AbstractRelayTests.text(content).bytes());
		}
		this.inMessage = !fin;
		if (!this.recorded) {
			add(content, fin, this.sending, this.passed);
		}
		return frame;
	}

	void sendClose() {
		if (!isGone() && !this.inFrame) {
			ScriptFrame close = AbstractRelayTests.close(1000);
			this.session.take("close " + this.side, () -> this.session.script.receive(this.side, close));
		}
	}

	void violate() {
		if (!isGone() && !this.inFrame) {
			ScriptFrame ping = AbstractRelayTests.ping("x");
			ScriptFrame wrong = this.session.chance(50) ? ping.rsv(1) : ping.claiming(-1);
			this.session.take("violate " + this.side, () -> this.session.script.receive(this.side, wrong));
		}
	}

	private boolean isGone() {
		return this.ended || this.session.script.isLost(this.side);
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
		boolean exact = this.recorded ? !this.session.script.isLost(this.side.peer()) : complete && !this.inFrame;
		int count = exact ? this.passed.size() : Math.min(this.delivered.size(), this.passed.size());
		assertThat(this.delivered).as("delivered of " + this.side).isEqualTo(this.passed.subList(0, count));
	}

}
