package dev.wspolicy.proving.model;

import java.util.List;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.session.Side;

/**
 * All that happens to one session: nothing in a run depends on anything else, so a
 * program can be repeated and shortened.
 *
 * @param pipelines the pipelines that serve the session: the first one until a step
 * switches to another
 * @param steps what happens, in order
 */
record Program(List<Stages> pipelines, List<Step> steps) {

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < this.pipelines.size(); i++) {
			text.append("pipeline ").append(i).append('\n');
			this.pipelines.get(i).inbound.forEach((script) -> text.append("  inbound  ").append(script).append('\n'));
			this.pipelines.get(i).outbound.forEach((script) -> text.append("  outbound ").append(script).append('\n'));
		}
		this.steps.forEach((step) -> text.append(step).append('\n'));
		return text.toString();
	}

	/**
	 * A pipeline.
	 *
	 * @param inbound the policies on what the client sends
	 * @param outbound the policies on what the upstream sends
	 */
	record Stages(List<Script> inbound, List<Script> outbound) {

		List<Script> scripts(Side sender) {
			return (sender == Side.CLIENT) ? this.inbound : this.outbound;
		}

	}

	/**
	 * A policy, which returns one answer after the other, again and again.
	 *
	 * @param name its name; the same name in two pipelines is the same policy
	 * @param granularity whether it sees frames or messages
	 * @param control whether it also sees control frames
	 * @param onError what follows if it fails
	 * @param answers its answers
	 */
	record Script(String name, Granularity granularity, boolean control, OnError onError, List<Answer> answers) {

	}

	/** What a policy answers. */
	sealed interface Answer {

		/** Forwards. */
		record Forward() implements Answer {
		}

		/** Replaces by so many frames of the same type. */
		record Replace(int frames) implements Answer {
		}

		/** Drops. */
		record Drop() implements Answer {
		}

		/** Drops, and answers the sender. */
		record Reply() implements Answer {
		}

		/** Closes both legs. */
		record Close(int toClient, int toUpstream) implements Answer {
		}

		/** Closes, with a code for the sender. */
		record CloseSender(int code) implements Answer {
		}

		/** Throws an exception or an error. */
		record Fail(boolean error) implements Answer {
		}

		/** Returns {@code null}. */
		record Nothing() implements Answer {
		}

		/** Promises a verdict, which a {@link Action.Keep} gives. */
		record Later(boolean cancellable) implements Answer {
		}

		/** Promises a verdict that is there already. */
		record Ready(Answer answer) implements Answer {
		}

		/** Calls something, itself or on another thread, and forwards. */
		record Call(boolean elsewhere, Action action) implements Answer {
		}

	}

	/** What policies and applications ask of a session. */
	sealed interface Action {

		/** Sends a message of its own, or a ping. */
		record Send(Side to, boolean ping) implements Action {
		}

		/** Closes the session. */
		record Close(int toClient, int toUpstream) implements Action {
		}

		/** Changes the limit of messages; 0 restores it. */
		record Limit(Direction direction, int bytes) implements Action {
		}

		/** Keeps one of the promises that have not been kept, if there is one. */
		record Keep(int which, Answer answer) implements Action {
		}

		/** Switches to another pipeline. */
		record Switch(int pipeline) implements Action {
		}

		/** Sends a message after some seconds. */
		record Schedule(int seconds, Side to) implements Action {
		}

		/** Attaches or detaches a tap. */
		record Tap(boolean attached) implements Action {
		}

		/** Sends a message to the client of another session. */
		record SendElsewhere() implements Action {
		}

	}

	/** Something that happens. */
	sealed interface Step {

		/** A peer sends a text frame: a fragment unless it begins and ends a message. */
		record Data(int id, Side from, boolean fin) implements Step {
		}

		/** A peer sends a ping or a pong. */
		record Control(int id, Side from, boolean ping) implements Step {
		}

		/** A peer sends a close frame; 0 for one without a code. */
		record Close(int id, Side from, int code) implements Step {
		}

		/** A peer sends a frame that violates the protocol. */
		record Violate(int id, Side from) implements Step {
		}

		/** A peer ends its stream, or resets its connection. */
		record Lose(Side from, boolean reset) implements Step {
		}

		/** Time passes. */
		record Wait(int seconds) implements Step {
		}

		/** Somebody calls the session. */
		record Do(Caller caller, Action action) implements Step {
		}

		/** Something fails, the next time but so many that it is tried. */
		record Fault(Failing failing, int after) implements Step {
		}

	}

	/** Who calls a session. */
	enum Caller {

		/** The event loop. */
		LOOP,

		/** Another thread. */
		THREAD,

		/** A policy of another session. */
		OTHER_SESSION

	}

	/** What fails in the gateway. */
	enum Failing {

		/** No buffer can be allocated. */
		ALLOCATOR,

		/** The event loop rejects a task. */
		EXECUTOR

	}

}
