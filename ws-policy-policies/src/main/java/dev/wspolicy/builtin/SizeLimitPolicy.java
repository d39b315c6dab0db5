package dev.wspolicy.builtin;

import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses messages that exceed a length. Never reads payloads.
 */
@WsPolicy
final class SizeLimitPolicy implements FramePolicy {

	static final String NAME = "size-limit";

	private final long text;

	private final long binary;

	private final ViolationVerdict violation;

	SizeLimitPolicy(Settings settings) {
		if (settings.bytes() == null && settings.text() == null && settings.binary() == null) {
			throw new IllegalArgumentException("bytes: missing (expected: bytes, text or binary)");
		}
		this.text = limit("text", settings.text(), settings.bytes());
		this.binary = limit("binary", settings.binary(), settings.bytes());
		this.violation = settings.onViolation().verdict(NAME, CloseStatus.TOO_BIG);
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

	/** The types to receive: messages that are not limited need no assembly. */
	static Set<FrameType> types(Settings settings) {
		if (settings.bytes() != null || settings.text() != null && settings.binary() != null) {
			return Set.of(FrameType.TEXT, FrameType.BINARY);
		}
		return Set.of((settings.text() != null) ? FrameType.TEXT : FrameType.BINARY);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		long limit = (frame.type() == FrameType.TEXT) ? this.text : this.binary;
		return (frame.length() <= limit) ? Verdict.forward() : this.violation.in(context);
	}

	/**
	 * The settings.
	 *
	 * @param bytes the maximum length of messages of either type
	 * @param text the maximum length of text messages, which overrides {@code bytes}
	 * @param binary the maximum length of binary messages, which overrides {@code bytes}
	 * @param onViolation the response to longer messages
	 */
	record Settings(@Nullable DataSize bytes, @Nullable DataSize text, @Nullable DataSize binary,
			@DefaultValue ViolationSettings onViolation) {

	}

}
