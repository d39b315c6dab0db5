package dev.wspolicy.proving.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.proving.model.Program.Answer;
import dev.wspolicy.proving.model.Program.Script;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;

/**
 * What travels from one side to the other: frames wait here while a verdict is awaited,
 * and pass one after the other.
 */
final class ModelLane {

	private final ReferenceModel model;

	private final Side from;

	final Deque<ModelFrame> arrived = new ArrayDeque<>();

	/** Frames that policies have created, which pass before what has arrived. */
	final Deque<ModelFrame> created = new ArrayDeque<>();

	private @Nullable Promise awaited;

	boolean open = true;

	/** A frame is between its policies. */
	boolean busy;

	private int pipeline;

	private @Nullable Integer nextPipeline;

	int limit = Integer.MAX_VALUE;

	// The message that is under way

	boolean inMessage;

	private int bytes;

	private boolean dropping;

	private boolean assembling;

	private String assembled = "";

	/** It was under way when the session began to end. */
	boolean underWay;

	ModelLane(ReferenceModel model, Side from) {
		this.model = model;
		this.from = from;
	}

	ModelLeg source() {
		return this.model.legs.get(this.from);
	}

	ModelLeg target() {
		return this.model.legs.get(this.from.peer());
	}

	/** Takes one frame a step further, if there is one and none is waited for. */
	boolean proceed() {
		if (this.awaited != null) {
			return false;
		}
		ModelFrame next = this.created.poll();
		ModelFrame arrived = (next != null) ? null : this.arrived.poll();
		if (next == null && arrived == null) {
			return false;
		}
		boolean dropped = false;
		this.busy = true;
		if (arrived != null) {
			dropped = admit(arrived);
		}
		else {
			judge(next);
		}
		this.busy = false;
		if (!dropped) {
			switchBetweenMessages();
		}
		return true;
	}

	/** Returns whether the frame is a fragment of a message that was dropped. */
	private boolean admit(ModelFrame frame) {
		if (frame.type.equals("end") || frame.type.equals("reset")) {
			if (frame.type.equals("reset") || source().received == null) {
				this.model.lose(this.from);
			}
		}
		else if (frame.type.equals("close") && !this.open) {
			source().receives(Integer.parseInt(frame.text));
		}
		else if (this.open && frame.type.equals("violation")) {
			this.model.blame(this.from, Cause.PROTOCOL_VIOLATION, 1002, (this.from == Side.CLIENT) ? 1001 : 1011);
		}
		else if (this.open && frame.type.equals("text")) {
			return admitData(frame);
		}
		else if (this.open) {
			judge(frame);
		}
		return false;
	}

	private boolean admitData(ModelFrame frame) {
		frame.first = !this.inMessage;
		if (frame.first) {
			this.pipeline = (this.nextPipeline != null) ? this.nextPipeline : this.pipeline;
			this.nextPipeline = null;
			this.bytes = 0;
			this.dropping = false;
			this.assembling = scripts().stream().anyMatch((script) -> script.granularity() == Granularity.MESSAGE);
		}
		this.inMessage = !frame.fin;
		this.underWay &= this.inMessage;
		this.bytes += frame.text.length();
		if (this.bytes > this.limit) {
			this.model.blame(this.from, Cause.LIMIT_EXCEEDED, 1009, 1001);
		}
		else if (!this.dropping) {
			frame.granularity = Granularity.FRAME;
			judge(frame);
			return false;
		}
		return this.dropping;
	}

	private List<Script> scripts() {
		return this.model.program.pipelines().get(this.pipeline).scripts(this.from);
	}

	/** Shows a frame to the policies that have not seen it yet. */
	private void judge(ModelFrame frame) {
		List<Script> scripts = scripts();
		boolean passes = true;
		while (passes && frame.next < scripts.size()) {
			Script script = scripts.get(frame.next++);
			boolean sees = (frame.type.equals("text")) ? script.granularity() == frame.granularity : script.control();
			if (sees) {
				Answer answer = answerOf(script);
				passes = this.open ? apply(frame, script, answer) : answersInVain(frame, script, answer);
			}
		}
		if (!this.open) {
			closedBy(frame);
		}
		else if (passes) {
			pass(frame);
		}
	}

	/** A policy that was asked before has closed the session. */
	private boolean answersInVain(ModelFrame frame, Script script, Answer answer) {
		if (answer instanceof Answer.Later) {
			this.model.promises.add(new Promise(this, frame, script));
		}
		return (answer instanceof Answer.Forward || answer instanceof Answer.Call) && apply(frame, script, answer);
	}

	private Answer answerOf(Script script) {
		int index = this.model.asked.merge(this.from + script.name(), 1, Integer::sum) - 1;
		return script.answers().get(index % script.answers().size());
	}

	/** Returns whether the policies that follow see the frame. */
	private boolean apply(ModelFrame frame, Script script, @Nullable Answer answer) {
		if (answer instanceof Answer.Forward) {
			return true;
		}
		if (answer instanceof Answer.Call call) {
			if (call.elsewhere()) {
				// The frame behind this one may come before the call, or after it.
				this.model.uncertain |= !this.arrived.isEmpty();
				this.model.performSoon(call.action());
			}
			else {
				boolean wasOpen = this.model.cause == null;
				this.model.effectOf(call.action()).run();
				if (wasOpen && this.model.cause == Cause.REQUESTED) {
					this.model.cause = Cause.POLICY;
				}
			}
			return true;
		}
		if (answer instanceof Answer.Ready ready) {
			if (this.model.waitingCalls == 0) {
				return apply(frame, script, ready.answer());
			}
			// A verdict comes after the calls that were made before.
			Promise promise = await(frame, script);
			this.model.calls.add(() -> kept(promise, ready.answer()));
			return false;
		}
		if (answer instanceof Answer.Later) {
			this.model.promises.add(await(frame, script));
			return false;
		}
		if (answer instanceof Answer.Close close) {
			this.model.end(Cause.POLICY, close.toClient(), close.toUpstream());
			closedBy(frame);
			return false;
		}
		if (answer instanceof Answer.CloseSender close) {
			boolean client = this.from == Side.CLIENT;
			this.model.end(Cause.POLICY, client ? close.code() : 1001, client ? 1001 : close.code());
			closedBy(frame);
			return false;
		}
		boolean fragment = frame.type.equals("text") && !(frame.first && frame.fin);
		if (answer instanceof Answer.Replace replace
				&& (replace.frames() == 1 || !fragment && !frame.type.equals("close"))) {
			for (int i = replace.frames() - 1; i >= 0; i--) {
				this.created.addFirst(frame.replacedBy(replacement(frame, script, i)));
			}
			closedBy(frame);
			return false;
		}
		if (!frame.type.equals("close") && answer instanceof Answer.Drop) {
			drop(frame);
			return false;
		}
		if (!frame.type.equals("close") && answer instanceof Answer.Reply) {
			source().insert("text", "r" + frame.text);
			drop(frame);
			return false;
		}
		return afterFailure(frame, script, Cause.POLICY_FAILURE);
	}

	/** The frame itself goes no further; but its sender has closed, if it says so. */
	private void closedBy(ModelFrame frame) {
		if (frame.type.equals("close")) {
			source().receives(Integer.parseInt(frame.text));
		}
	}

	static String replacement(ModelFrame frame, Script script, int number) {
		return frame.type.equals("close") ? "4444" : frame.text + script.name() + number + ";";
	}

	private boolean afterFailure(ModelFrame frame, Script script, Cause cause) {
		if (script.onError() == OnError.CLOSE) {
			this.model.end(cause, 1011, 1011);
			closedBy(frame);
			return false;
		}
		if (script.onError() == OnError.DROP && !frame.type.equals("close")) {
			drop(frame);
			return false;
		}
		return true;
	}

	private Promise await(ModelFrame frame, Script script) {
		Promise promise = new Promise(this, frame, script);
		this.awaited = promise;
		this.model.after(10, () -> timeout(promise));
		return promise;
	}

	void kept(Promise promise, Answer answer) {
		if (this.awaited == promise) {
			resume(promise, () -> apply(promise.frame(), promise.script(), answer));
		}
	}

	private void timeout(Promise promise) {
		if (this.awaited == promise) {
			resume(promise, () -> afterFailure(promise.frame(), promise.script(), Cause.VERDICT_TIMEOUT));
		}
	}

	private void resume(Promise promise, BooleanSupplier decision) {
		this.awaited = null;
		this.busy = true;
		if (decision.getAsBoolean()) {
			judge(promise.frame());
		}
		this.busy = false;
		switchBetweenMessages();
		while (!this.created.isEmpty() && proceed()) {
			// What the policies have made of the frame
		}
		// The frame behind it has been read already.
		proceed();
	}

	// What becomes of a frame

	private void pass(ModelFrame frame) {
		if (frame.type.equals("close")) {
			int code = Integer.parseInt(frame.text);
			this.model.begin(Cause.CLOSE_FRAME);
			shut();
			target().close(code);
			source().receives(code);
		}
		else if (!frame.type.equals("text")) {
			target().insert(frame.type, frame.text);
		}
		else if (frame.granularity == Granularity.FRAME && (this.assembling || frame.first && frame.fin)) {
			this.assembled += frame.text;
			if (frame.fin) {
				judgeMessage();
			}
		}
		else {
			target().relay(frame.text, frame.fin);
		}
	}

	private void judgeMessage() {
		ModelFrame message = new ModelFrame("text", this.assembled, true);
		message.first = true;
		message.granularity = Granularity.MESSAGE;
		this.assembled = "";
		judge(message);
	}

	private void drop(ModelFrame frame) {
		boolean fragment = frame.type.equals("text") && !(frame.first && frame.fin);
		if (fragment && frame.first) {
			this.dropping = true;
		}
		else if (fragment && frame.fin && this.assembling) {
			judgeMessage();
		}
		else if (fragment && frame.fin) {
			target().relay("", true);
		}
	}

	// The policies, and the end

	void switchTo(int pipeline) {
		this.nextPipeline = pipeline;
		switchBetweenMessages();
	}

	private void switchBetweenMessages() {
		if (this.nextPipeline != null && this.open && !this.busy && !this.inMessage && this.awaited == null
				&& this.created.isEmpty()) {
			this.pipeline = this.nextPipeline;
			this.nextPipeline = null;
		}
	}

	void shut() {
		this.open = false;
		this.created.clear();
		if (this.awaited != null) {
			closedBy(this.awaited.frame());
			this.awaited = null;
		}
	}

	/** A verdict that a policy has promised. */
	record Promise(ModelLane lane, ModelFrame frame, Script script) {

	}

}
