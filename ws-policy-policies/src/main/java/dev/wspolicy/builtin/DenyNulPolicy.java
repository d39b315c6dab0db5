package dev.wspolicy.builtin;

import java.nio.ByteBuffer;

import org.springframework.boot.context.properties.bind.DefaultValue;

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
 * Refuses text messages that contain the NUL character. In UTF-8, only NUL is encoded
 * with a zero byte, so the text need not be decoded.
 */
@WsPolicy(types = FrameType.TEXT)
final class DenyNulPolicy implements FramePolicy {

	static final String NAME = "deny-nul";

	private final ViolationVerdict violation;

	DenyNulPolicy(Settings settings) {
		this.violation = settings.onViolation().verdict(NAME, CloseStatus.INVALID_PAYLOAD);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		ByteBuffer bytes = frame.payload();
		while (bytes.hasRemaining()) {
			if (bytes.get() == 0) {
				return this.violation.in(context);
			}
		}
		return Verdict.forward();
	}

	/**
	 * The settings.
	 *
	 * @param onViolation the response to text that contains NUL
	 */
	record Settings(@DefaultValue ViolationSettings onViolation) {

	}

}
