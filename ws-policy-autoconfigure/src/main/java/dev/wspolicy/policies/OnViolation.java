package dev.wspolicy.policies;

import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;

/**
 * What a policy does with a frame that it refuses; the settings below
 * {@code on-violation}, the same for all shipped policies.
 *
 * @param action what to do
 * @param code the code to close with, or {@code null} for the policy's own
 * @param reason the reason to close with, or empty for the policy's own
 * @param message the text to reply with, in which {@code {code}}, {@code {reason}} and
 * {@code {policy}} stand for what is so called
 */
public record OnViolation(@DefaultValue("close") Action action, @Nullable Integer code, @DefaultValue("") String reason,
		@DefaultValue("") String message) {

	/**
	 * The settings that an action alone stands for, {@code on-violation: drop} for one;
	 * called by the conversion service.
	 * @param action the name of the action
	 * @return the settings
	 */
	public static OnViolation of(String action) {
		return new OnViolation(Action.valueOf(action.strip().toUpperCase(Locale.ROOT)), null, "", "");
	}

	/**
	 * What becomes of what is refused.
	 * @param policy the name of the policy
	 * @param fallback the status to close with if the settings name none
	 * @return the refusal
	 * @throws IllegalArgumentException if the settings do not go together
	 */
	public Refusal refusal(String policy, CloseStatus fallback) {
		return refusal("on-violation", policy, fallback);
	}

	/**
	 * What becomes of what is refused.
	 * @param setting the name that these settings stand below
	 * @param policy the name of the policy
	 * @param fallback the status to close with if the settings name none
	 * @return the refusal
	 * @throws IllegalArgumentException if the settings do not go together
	 */
	public Refusal refusal(String setting, String policy, CloseStatus fallback) {
		if (this.action == Action.DROP && (this.code != null || !this.reason.isEmpty())) {
			throw new IllegalArgumentException(
					setting + ": code and reason go with the actions 'close' and 'reply' only");
		}
		if ((this.action == Action.REPLY) == this.message.isEmpty()) {
			throw new IllegalArgumentException(setting + ": message goes with the action 'reply', and only with it");
		}
		return switch (this.action) {
			case CLOSE -> Refusal.close(status(setting, fallback));
			case DROP -> Refusal.drop();
			case REPLY -> Refusal.reply(this.message, policy, status(setting, fallback));
		};
	}

	private CloseStatus status(String setting, CloseStatus fallback) {
		int status = (this.code != null) ? this.code : fallback.code();
		if (!CloseStatus.isValidOnTheWire(status)) {
			throw new IllegalArgumentException(
					setting + ": code: " + status + " (expected: 1000 to 1003, 1007 to 1014, or 3000 to 4999)");
		}
		return CloseStatus.of(status, this.reason.isEmpty() ? fallback.reason() : this.reason);
	}

	/**
	 * What to do with a frame that is refused.
	 */
	public enum Action {

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
