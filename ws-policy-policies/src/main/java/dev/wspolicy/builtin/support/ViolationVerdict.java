package dev.wspolicy.builtin.support;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

/**
 * The configured response to frames that violate a policy. Implementations are immutable
 * and safe to use from any thread.
 */
@FunctionalInterface
public interface ViolationVerdict {

	/**
	 * Returns the verdict on a frame.
	 * @param context the context of the frame
	 * @return the verdict
	 */
	default Verdict in(FrameContext context) {
		return in(context, "");
	}

	/**
	 * Returns the verdict on a frame that violates the policy for a specific reason.
	 * @param context the context of the frame
	 * @param reason the reason to send unless the settings configure one, or an empty
	 * string; must not disclose anything of the payload
	 * @return the verdict
	 */
	Verdict in(FrameContext context, String reason);

	/**
	 * Closes both legs: the sender's leg with the given status, the other leg with 1001.
	 * @param toSender the status for the sender
	 * @return a response that closes the session
	 */
	static ViolationVerdict close(CloseStatus toSender) {
		Verdict verdict = Verdict.closeSender(toSender);
		return (context, reason) -> (!reason.isEmpty() && toSender.reason().isEmpty())
				? Verdict.closeSender(toSender.withReason(reason)) : verdict;
	}

	/**
	 * Drops the frame.
	 * @return a response that drops the frame
	 */
	static ViolationVerdict drop() {
		return (context, reason) -> Verdict.drop();
	}

	/**
	 * Drops the frame and replies to its sender.
	 * @param template the text of the reply, with the placeholders {@code {code}},
	 * {@code {reason}} and {@code {policy}}
	 * @param policy the name of the policy
	 * @param status the code and the reason to insert
	 * @return a response that replies to the sender
	 */
	static ViolationVerdict reply(String template, String policy, CloseStatus status) {
		ReplyTemplate reply = new ReplyTemplate(template, policy);
		return (context, reason) -> {
			String told = status.reason().isEmpty() ? reason : status.reason();
			return Verdict.replyText(reply.render(status.code(), told, context.contentType()));
		};
	}

}
