package dev.wspolicy.policies;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;

/**
 * What a policy does with a frame that it refuses; the settings below
 * {@code on-violation}, the same for all shipped policies.
 *
 * @param action what to do
 * @param code the code to close with, or {@code null} for the policy's own
 * @param reason the reason to close with
 * @param message the text to reply with
 */
record OnViolation(@DefaultValue("close") Action action, @Nullable Integer code, @DefaultValue("") String reason,
		@DefaultValue("") String message) {

	/**
	 * The verdict on what is refused.
	 * @param fallback the code to close with if the settings name none
	 * @return the verdict, for each direction
	 */
	Refusal refusal(CloseStatus fallback) {
		if (this.action != Action.CLOSE && (this.code != null || !this.reason.isEmpty())) {
			throw new IllegalArgumentException("on-violation: code and reason go with the action 'close' only");
		}
		if ((this.action == Action.REPLY) == this.message.isEmpty()) {
			throw new IllegalArgumentException("on-violation: message goes with the action 'reply', and only with it");
		}
		return switch (this.action) {
			case CLOSE -> Refusal.close(status(fallback));
			case DROP -> Refusal.drop();
			case REPLY -> Refusal.reply(this.message);
		};
	}

	private CloseStatus status(CloseStatus fallback) {
		int status = (this.code != null) ? this.code : fallback.code();
		if (!CloseStatus.isValidOnTheWire(status)) {
			throw new IllegalArgumentException(
					"on-violation: code: " + status + " (expected: 1000 to 1003, 1007 to 1014, or 3000 to 4999)");
		}
		return CloseStatus.of(status, this.reason);
	}

	/**
	 * What to do with a frame that is refused.
	 */
	enum Action {

		/**
		 * Close both legs: the sender's with the code, the other with 1001.
		 */
		CLOSE,

		/**
		 * Swallow it.
		 */
		DROP,

		/**
		 * Swallow it and answer its sender.
		 */
		REPLY

	}

}
