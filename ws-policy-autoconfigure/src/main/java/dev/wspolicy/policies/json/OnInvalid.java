package dev.wspolicy.policies.json;

import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policies.OnViolation;
import dev.wspolicy.policies.Refusal;

/**
 * What a JSON policy does with a message that is not JSON; the settings below
 * {@code on-invalid}.
 *
 * @param action what to do
 * @param code the code to close with, or {@code null} for 1007
 * @param reason the reason to close with
 * @param message the text to reply with
 */
record OnInvalid(@DefaultValue("close") Action action, @Nullable Integer code, @DefaultValue("") String reason,
		@DefaultValue("") String message) {

	/**
	 * The settings that an action alone stands for; called by the conversion service.
	 * @param action the name of the action
	 * @return the settings
	 */
	public static OnInvalid of(String action) {
		return new OnInvalid(Action.valueOf(action.strip().toUpperCase(Locale.ROOT)), null, "", "");
	}

	/** What becomes of such a message; null if it is forwarded. */
	@Nullable Refusal refusal(String policy) {
		if (this.action == Action.FORWARD) {
			if (this.code != null || !this.reason.isEmpty() || !this.message.isEmpty()) {
				throw new IllegalArgumentException("on-invalid: code, reason and message do not go with 'forward'");
			}
			return null;
		}
		return new OnViolation(OnViolation.Action.valueOf(this.action.name()), this.code, this.reason, this.message)
			.refusal("on-invalid", policy, CloseStatus.INVALID_PAYLOAD.withReason("not JSON"));
	}

	/**
	 * What to do with a message that is not JSON.
	 */
	enum Action {

		/**
		 * Let it pass.
		 */
		FORWARD,

		/**
		 * Close both legs.
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
