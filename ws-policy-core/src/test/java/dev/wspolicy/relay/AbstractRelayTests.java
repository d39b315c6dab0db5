package dev.wspolicy.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * The words in which tests of the relay are written: a script, the frames that peers send
 * and the actions that are expected.
 */
abstract class AbstractRelayTests {

	@RegisterExtension
	final RelayScript script = new RelayScript();

	/** What policies were shown, in order. */
	final List<String> seen = new ArrayList<>();

	// What peers send

	static ScriptFrame text(String text) {
		return ScriptFrame.of(FrameType.TEXT, true, utf8(text));
	}

	static ScriptFrame binary(int... bytes) {
		return ScriptFrame.of(FrameType.BINARY, true, bytes(bytes));
	}

	/** The first fragment of a text. */
	static ScriptFrame first(String text) {
		return ScriptFrame.of(FrameType.TEXT, false, utf8(text));
	}

	/** A fragment in the middle. */
	static ScriptFrame next(String text) {
		return ScriptFrame.of(FrameType.CONTINUATION, false, utf8(text));
	}

	/** The last fragment. */
	static ScriptFrame last(String text) {
		return ScriptFrame.of(FrameType.CONTINUATION, true, utf8(text));
	}

	static ScriptFrame ping(String text) {
		return ScriptFrame.of(FrameType.PING, true, utf8(text));
	}

	static ScriptFrame pong(String text) {
		return ScriptFrame.of(FrameType.PONG, true, utf8(text));
	}

	static ScriptFrame close(CloseStatus status) {
		return ScriptFrame.of(CloseFrame.of(status));
	}

	static ScriptFrame close(int code) {
		return close(CloseStatus.of(code));
	}

	static ScriptFrame close(int code, String reason) {
		return close(CloseStatus.of(code, reason));
	}

	/** A close frame with any payload. */
	static ScriptFrame closeBytes(int... bytes) {
		return ScriptFrame.of(FrameType.CLOSE, true, bytes(bytes));
	}

	// What the relay has done

	/** The original bytes of a frame go on, whole. */
	static RelayAction forward(Side to, ScriptFrame frame) {
		return new RelayAction.Forward(to, frame);
	}

	/** The original header of a frame goes on; its payload is still to come. */
	static RelayAction forwardBegins(Side to, ScriptFrame frame) {
		return new RelayAction.ForwardBegins(to, frame);
	}

	/** A frame is encoded and written. */
	static RelayAction send(Side to, ScriptFrame frame) {
		return new RelayAction.Send(to, frame);
	}

	static RelayAction suspend(Side from) {
		return new RelayAction.Suspend(from.sends());
	}

	static RelayAction resume(Side from) {
		return new RelayAction.Resume(from.sends());
	}

	static RelayAction switched(Side from) {
		return new RelayAction.PipelineSwitched(from.sends());
	}

	static RelayAction finish(Side side) {
		return new RelayAction.Finish(side);
	}

	/** The stream ends without a close frame. */
	static RelayAction end(Side side) {
		return new RelayAction.End(side);
	}

	/** The socket is closed at once. */
	static RelayAction closeSocket(Side side) {
		return new RelayAction.CloseSocket(side);
	}

	static RelayAction abort(Side side) {
		return new RelayAction.Abort(side);
	}

	/** The observer hears of a policy's failure. */
	static RelayAction failure(Side from, String policy, Class<? extends Throwable> failure) {
		return new RelayAction.Failure(from.sends(), policy, failure);
	}

	/**
	 * The session is over; if a policy ended it, that is the first one, or the one named
	 * {@code failing}.
	 * @param from the side that counts as the source
	 * @param initiator who ended it
	 * @param cause why
	 * @param fromSource what the source sent
	 * @param toSource what the source was sent
	 * @param fromTarget what the other one sent
	 * @param toTarget what the other one was sent
	 * @return the action
	 */
	static RelayAction terminated(Side from, Initiator initiator, Cause cause, @Nullable CloseStatus fromSource,
			@Nullable CloseStatus toSource, @Nullable CloseStatus fromTarget, @Nullable CloseStatus toTarget) {
		String policy = switch (cause) {
			case POLICY -> "policy-1";
			case POLICY_FAILURE -> "failing";
			default -> null;
		};
		return new RelayAction.Terminated((from == Side.CLIENT)
				? new Termination(initiator, cause, fromSource, toSource, fromTarget, toTarget, policy)
				: new Termination(initiator, cause, fromTarget, toTarget, fromSource, toSource, policy));
	}

	/** Who has ended a session that a side has ended. */
	static Initiator by(Side side) {
		return (side == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM;
	}

	/**
	 * What the other side is told by default when a side is lost, or breaks the rules.
	 */
	static CloseStatus lost(Side side) {
		return (side == Side.CLIENT) ? CloseStatus.GOING_AWAY : CloseStatus.INTERNAL_ERROR;
	}

	/** Both sides are sent a close frame; the order is the client, then the upstream. */
	static RelayAction[] closes(Side from, CloseStatus toSource, CloseStatus toTarget) {
		RelayAction source = send(from, close(toSource));
		RelayAction target = send(from.peer(), close(toTarget));
		return (from == Side.CLIENT) ? new RelayAction[] { source, target } : new RelayAction[] { target, source };
	}

	// Policies

	static FramePolicy always(Verdict verdict) {
		return (frame, context) -> verdict;
	}

	/** Answers with a verdict on one payload, lets all others pass. */
	static FramePolicy on(String payload, Verdict verdict) {
		return (frame, context) -> payload(frame).equals(payload) ? verdict : Verdict.forward();
	}

	/** Writes down what it is shown, and answers as another one does. */
	FramePolicy seeing(String name, FramePolicy policy) {
		return (frame, context) -> {
			this.seen.add(name + ":" + ScriptFrame.of(frame));
			return policy.apply(frame, context);
		};
	}

	static PolicyBinding control(FramePolicy policy, FrameType... types) {
		return PolicyBinding.of("control", policy).types(types);
	}

	static String payload(Frame frame) {
		return new String(frame.toByteArray(), StandardCharsets.UTF_8);
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static byte[] bytes(int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < values.length; i++) {
			bytes[i] = (byte) values[i];
		}
		return bytes;
	}

}
