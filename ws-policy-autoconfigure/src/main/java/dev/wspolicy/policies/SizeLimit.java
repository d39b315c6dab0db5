package dev.wspolicy.policies;

import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses messages that are too long. Never reads a payload.
 */
@WsPolicy
final class SizeLimit implements FramePolicy {

	static final String NAME = "size-limit";

	private final long text;

	private final long binary;

	private final Refusal refusal;

	SizeLimit(Settings settings) {
		if (settings.bytes() == null && settings.text() == null && settings.binary() == null) {
			throw new IllegalArgumentException("bytes: missing (expected: bytes, text or binary)");
		}
		this.text = limit("text", settings.text(), settings.bytes());
		this.binary = limit("binary", settings.binary(), settings.bytes());
		this.refusal = settings.onViolation().refusal(NAME, CloseStatus.TOO_BIG);
	}

	private static long limit(String name, @Nullable DataSize own, @Nullable DataSize both) {
		DataSize size = (own != null) ? own : both;
		if (size == null) {
			return Long.MAX_VALUE;
		}
		if (size.toBytes() < 0) {
			throw new IllegalArgumentException(((own != null) ? name : "bytes") + ": " + size + " (expected: >= 0)");
		}
		return size.toBytes();
	}

	/** What it is shown, so that nothing is assembled that is not limited. */
	static Set<FrameType> types(Settings settings) {
		if (settings.bytes() != null || settings.text() != null && settings.binary() != null) {
			return Set.of(FrameType.TEXT, FrameType.BINARY);
		}
		return Set.of((settings.text() != null) ? FrameType.TEXT : FrameType.BINARY);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		long limit = (frame.type() == FrameType.TEXT) ? this.text : this.binary;
		return (frame.length() <= limit) ? Verdict.forward() : this.refusal.in(context);
	}

	/**
	 * The settings.
	 *
	 * @param bytes how long a message of either type may be
	 * @param text how long a text message may be, in place of {@code bytes}
	 * @param binary how long a binary message may be, in place of {@code bytes}
	 * @param onViolation what to do with longer messages
	 */
	record Settings(@Nullable DataSize bytes, @Nullable DataSize text, @Nullable DataSize binary,
			@DefaultValue OnViolation onViolation) {

	}

}
