package dev.wspolicy.builtin.support;

import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.redaction.LowerCase;

/**
 * The settings below {@code on-violation}: the response to frames that a policy refuses.
 * All built-in policies share them.
 *
 * @param action what to do with a frame that is refused
 * @param code the close code; each policy has its own by default
 * @param reason the close reason; each policy has its own by default
 * @param message the text of the reply, with the placeholders {@code {code}},
 * {@code {reason}} and {@code {policy}}
 */
public record ViolationSettings(@DefaultValue("close") Action action, @Nullable Integer code,
		@DefaultValue("") String reason, @DefaultValue("") String message) {

	/** The settings unless others are configured. */
	public static final ViolationSettings DEFAULT = new ViolationSettings(Action.CLOSE, null, "", "");

	/**
	 * Creates the settings from an action alone, as in {@code on-violation: drop}. Called
	 * by the conversion service.
	 * @param action the name of the action
	 * @return the settings
	 * @throws IllegalArgumentException if there is no such action
	 */
	public static ViolationSettings of(String action) {
		return new ViolationSettings(action(Action.class, action), null, "", "");
	}

	/**
	 * Returns the action with the given name.
	 * @param type the actions
	 * @param name the name, in any case
	 * @param <A> the type of the actions
	 * @return the action
	 * @throws IllegalArgumentException if there is no such action
	 */
	public static <A extends Enum<A>> A action(Class<A> type, String name) {
		for (A action : type.getEnumConstants()) {
			if (action.name().equalsIgnoreCase(name.strip())) {
				return action;
			}
		}
		throw new IllegalArgumentException("action: '" + name + "' (expected: "
				+ Stream.of(type.getEnumConstants()).map(LowerCase::of).collect(Collectors.joining(", ")) + ")");
	}

	/**
	 * Returns the response to violations.
	 * @param policy the name of the policy
	 * @param fallback the close status unless the settings configure one
	 * @return the response
	 * @throws IllegalArgumentException if the settings contradict each other
	 */
	public ViolationVerdict verdict(String policy, CloseStatus fallback) {
		return verdict("on-violation", policy, fallback);
	}

	/**
	 * Returns the response to violations.
	 * @param setting the name of these settings
	 * @param policy the name of the policy
	 * @param fallback the close status unless the settings configure one
	 * @return the response
	 * @throws IllegalArgumentException if the settings contradict each other
	 */
	public ViolationVerdict verdict(String setting, String policy, CloseStatus fallback) {
		if (this.action == Action.DROP && (this.code != null || !this.reason.isEmpty())) {
			throw new IllegalArgumentException(
					setting + ": code and reason are supported by the actions 'close' and 'reply' only");
		}
		if ((this.action == Action.REPLY) == this.message.isEmpty()) {
			throw new IllegalArgumentException(
					setting + ": message is required by the action 'reply', and supported by no other");
		}
		return switch (this.action) {
			case CLOSE -> ViolationVerdict.close(status(setting, fallback));
			case DROP -> ViolationVerdict.drop();
			case REPLY -> ViolationVerdict.reply(this.message, policy, status(setting, fallback));
		};
	}

	private CloseStatus status(String setting, CloseStatus fallback) {
		int status = (this.code != null) ? this.code : fallback.code();
		try {
			return CloseStatus.of(status, this.reason.isEmpty() ? fallback.reason() : this.reason);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(setting + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * The action to take on a frame that is refused.
	 */
	public enum Action {

		/**
		 * Close both legs: the sender's leg with the configured code, the other with
		 * 1001.
		 */
		CLOSE,

		/**
		 * Drop the frame.
		 */
		DROP,

		/**
		 * Drop the frame and reply to its sender.
		 */
		REPLY

	}

}
