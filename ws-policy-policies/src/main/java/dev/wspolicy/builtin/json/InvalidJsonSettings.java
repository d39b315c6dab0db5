package dev.wspolicy.builtin.json;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.builtin.support.ViolationVerdict;
import dev.wspolicy.frame.CloseStatus;

/**
 * The settings below {@code on-invalid}: the response of a JSON policy to messages that
 * are not JSON.
 *
 * @param action what to do with a message that is not JSON
 * @param code the close code; 1007 by default
 * @param reason the close reason
 * @param message the text of the reply
 */
record InvalidJsonSettings(@DefaultValue("close") Action action, @Nullable Integer code,
		@DefaultValue("") String reason, @DefaultValue("") String message) {

	/**
	 * Creates the settings from an action alone. Called by the conversion service.
	 * @param action the name of the action
	 * @return the settings
	 * @throws IllegalArgumentException if there is no such action
	 */
	public static InvalidJsonSettings of(String action) {
		return new InvalidJsonSettings(ViolationSettings.action(Action.class, action), null, "", "");
	}

	/** Returns the response, or {@code null} to forward such messages. */
	@Nullable ViolationVerdict verdict(String policy) {
		if (this.action == Action.FORWARD) {
			if (this.code != null || !this.reason.isEmpty() || !this.message.isEmpty()) {
				throw new IllegalArgumentException(
						"on-invalid: code, reason and message are not supported by the action 'forward'");
			}
			return null;
		}
		return new ViolationSettings(ViolationSettings.Action.valueOf(this.action.name()), this.code, this.reason,
				this.message)
			.verdict("on-invalid", policy, CloseStatus.INVALID_PAYLOAD.withReason("not JSON"));
	}

	/**
	 * The action to take on a message that is not JSON.
	 */
	enum Action {

		/**
		 * Forward the message.
		 */
		FORWARD,

		/**
		 * Close both legs.
		 */
		CLOSE,

		/**
		 * Drop the message.
		 */
		DROP,

		/**
		 * Drop the message and reply to its sender.
		 */
		REPLY

	}

}
