package dev.wspolicy.policies;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

/**
 * The verdict on what a policy refuses, as its settings say.
 */
public sealed interface Refusal {

	/**
	 * The verdict on a frame.
	 * @param context where the frame travels
	 * @return the verdict
	 */
	default Verdict in(FrameContext context) {
		return in(context, "");
	}

	/**
	 * The verdict on a frame that is refused for a reason of its own.
	 * @param context where the frame travels
	 * @param reason why it is refused, told to its sender unless the settings give a
	 * reason; nothing of the payload
	 * @return the verdict
	 */
	Verdict in(FrameContext context, String reason);

	/**
	 * Close both legs. Blames the sender; the other side is told that the session goes
	 * away.
	 * @param toSender the status for the sender
	 * @return the refusal
	 */
	static Refusal close(CloseStatus toSender) {
		return new Close(toSender, Verdict.close(toSender, CloseStatus.GOING_AWAY),
				Verdict.close(CloseStatus.GOING_AWAY, toSender));
	}

	/**
	 * Swallow the frame.
	 * @return the refusal
	 */
	static Refusal drop() {
		return Drop.INSTANCE;
	}

	/**
	 * Swallow the frame and answer its sender.
	 * @param template the answer, in which {@code {code}}, {@code {reason}} and
	 * {@code {policy}} stand for what is so called
	 * @param policy the name of the policy
	 * @param status the code and the reason
	 * @return the refusal
	 */
	static Refusal reply(String template, String policy, CloseStatus status) {
		return new Reply(new ReplyTemplate(template, policy), status);
	}

	/**
	 * The refusal of {@link Refusal#close(CloseStatus)}.
	 *
	 * @param status the status for the sender
	 * @param inbound the verdict on what the client sends
	 * @param outbound the verdict on what the upstream sends
	 */
	record Close(CloseStatus status, Verdict inbound, Verdict outbound) implements Refusal {

		@Override
		public Verdict in(FrameContext context, String reason) {
			if (!reason.isEmpty() && this.status.reason().isEmpty()) {
				return Refusal.close(this.status.withReason(reason)).in(context);
			}
			return (context.direction() == Direction.INBOUND) ? this.inbound : this.outbound;
		}

	}

	/**
	 * The refusal of {@link Refusal#drop()}.
	 */
	enum Drop implements Refusal {

		/**
		 * The only one.
		 */
		INSTANCE;

		@Override
		public Verdict in(FrameContext context, String reason) {
			return Verdict.drop();
		}

	}

	/**
	 * The refusal of {@link Refusal#reply(String, String, CloseStatus)}.
	 *
	 * @param template what the sender is answered
	 * @param status the code and the reason that stand in it
	 */
	record Reply(ReplyTemplate template, CloseStatus status) implements Refusal {

		@Override
		public Verdict in(FrameContext context, String reason) {
			String told = this.status.reason().isEmpty() ? reason : this.status.reason();
			return Verdict.replyText(this.template.fill(this.status.code(), told, context.contentType()));
		}

	}

}
