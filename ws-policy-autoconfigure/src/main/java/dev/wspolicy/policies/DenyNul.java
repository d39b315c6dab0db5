package dev.wspolicy.policies;

import java.nio.ByteBuffer;

import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Refuses text with a NUL in it. In UTF-8 that is a zero byte, and nothing else is, so
 * the text need not be decoded.
 */
@WsPolicy(types = FrameType.TEXT)
final class DenyNul implements FramePolicy {

	static final String NAME = "deny-nul";

	private final Refusal refusal;

	DenyNul(Settings settings) {
		this.refusal = settings.onViolation().refusal(NAME, CloseStatus.INVALID_PAYLOAD);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		ByteBuffer bytes = frame.payload();
		while (bytes.hasRemaining()) {
			if (bytes.get() == 0) {
				return this.refusal.in(context);
			}
		}
		return Verdict.forward();
	}

	/**
	 * The settings.
	 *
	 * @param onViolation what to do with a text that has a NUL in it
	 */
	record Settings(@DefaultValue OnViolation onViolation) {

	}

}
