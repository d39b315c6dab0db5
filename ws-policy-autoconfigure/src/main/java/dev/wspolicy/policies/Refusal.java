package dev.wspolicy.policies;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Verdict;

/**
 * The verdict on what a policy refuses, made once and given often.
 *
 * @param inbound the verdict on what the client sends
 * @param outbound the verdict on what the upstream sends
 */
record Refusal(Verdict inbound, Verdict outbound) {

	/** Blames the sender; the other side is told that the session goes away. */
	static Refusal close(CloseStatus toSender) {
		return new Refusal(Verdict.close(toSender, CloseStatus.GOING_AWAY),
				Verdict.close(CloseStatus.GOING_AWAY, toSender));
	}

	static Refusal drop() {
		return new Refusal(Verdict.drop(), Verdict.drop());
	}

	static Refusal reply(String text) {
		Verdict reply = Verdict.replyText(text);
		return new Refusal(reply, reply);
	}

	Verdict in(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
