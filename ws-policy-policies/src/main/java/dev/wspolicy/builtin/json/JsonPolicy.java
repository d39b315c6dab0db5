package dev.wspolicy.builtin.json;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.effort.Effort;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonParts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

/**
 * Base class of the built-in JSON policies: selects messages by type, extracts their
 * JSON, and handles messages that are not JSON.
 */
abstract class JsonPolicy implements FramePolicy {

	/**
	 * The number of characters that a change may extend a message to, unless the message
	 * is less than twice as long as what its sender has sent. A value that is set in each
	 * element of an array makes a message thousands of times as long.
	 */
	private static final int MAX_LENGTH = 16 * 1024 * 1024;

	private static final Verdict TOO_LONG = Verdict.closeSender(CloseStatus.TOO_BIG);

	private static final Set<FrameType> BOTH = Set.of(FrameType.TEXT, FrameType.BINARY);

	private final Set<FrameType> types;

	private final JsonFraming framing;

	private final @Nullable ViolationVerdict invalid;

	JsonPolicy(String name, Set<FrameType> types, JsonFraming framing, InvalidJsonSettings onInvalid) {
		this.types = types.isEmpty() ? BOTH : Set.copyOf(types);
		if (!BOTH.containsAll(this.types)) {
			throw new IllegalArgumentException("types: " + types + " (expected: text, binary or both)");
		}
		this.framing = framing;
		this.invalid = onInvalid.verdict(name);
	}

	@Override
	public final Verdict apply(Frame frame, FrameContext context) {
		if (!this.types.contains(frame.type())) {
			return Verdict.forward();
		}
		return EventLoopGuard.evaluate(frame, (effort) -> {
			JsonParts parts = this.framing.of(frame, context.direction());
			return (parts != null) ? apply(parts, frame, context, effort) : invalid(context);
		}, () -> exceeded(context));
	}

	abstract Verdict apply(JsonParts parts, Frame frame, FrameContext context, Effort effort);

	/**
	 * Returns the verdict on a message whose evaluation takes too long; must not forward
	 * it.
	 */
	abstract Verdict exceeded(FrameContext context);

	final Verdict invalid(FrameContext context) {
		return (this.invalid != null) ? this.invalid.in(context) : Verdict.forward();
	}

	/** Returns the verdict on a message that may have changed. */
	@SuppressWarnings("ReferenceEquality") // an unchanged tree is the same object
	final Verdict changed(JsonParts parts, JsonParts changed, Frame frame, FrameContext context) {
		if (changed == parts) {
			return Verdict.forward();
		}
		int length = changed.roughLength();
		if (length > MAX_LENGTH && length / 2 > parts.roughLength()) {
			return TOO_LONG;
		}
		if (EventLoopGuard.isShort(length)) {
			return Verdict.replace(changed.frame(this.framing, context.direction(), frame.type()));
		}
		// Written here, where it may be on a worker thread. The trees of many messages
		// whose verdicts wait for the event loop would take up too much memory.
		FrameAccess.forgetViews(frame);
		Frame message = changed.written(frame.type());
		FrameAccess.payload(message).bytes();
		return Verdict.replace(message);
	}

}
