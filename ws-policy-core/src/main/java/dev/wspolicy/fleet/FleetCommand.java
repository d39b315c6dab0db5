package dev.wspolicy.fleet;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;

/**
 * A command for gateways. Each gateway executes it once, on its own sessions.
 */
public sealed interface FleetCommand {

	/**
	 * Returns the gateway that executes it.
	 * @return its name, or {@code null} for all
	 */
	default @Nullable String gateway() {
		return null;
	}

	/**
	 * Closes sessions, with the same status on both legs.
	 *
	 * @param selector the sessions
	 * @param status the status
	 * @param window the time within which they are closed, each at a random moment;
	 * {@code null} to close all at once
	 */
	record Close(SessionSelector selector, CloseStatus status, @Nullable Duration window) implements FleetCommand {

		/**
		 * The longest window.
		 */
		public static final Duration MAX_WINDOW = Duration.ofDays(1);

		public Close {
			status.requireValid();
			if (window != null && (window.isNegative() || window.compareTo(MAX_WINDOW) > 0)) {
				throw new IllegalArgumentException("window: " + window + " (expected: zero to " + MAX_WINDOW + ")");
			}
		}

		/**
		 * Closes sessions at once.
		 * @param selector the sessions
		 * @param status the status
		 */
		public Close(SessionSelector selector, CloseStatus status) {
			this(selector, status, null);
		}

		/**
		 * Closes one of the sessions, now or within the window. Does not evaluate the
		 * criteria.
		 * @param session the session
		 */
		public void carryOut(ProxiedSession session) {
			if (this.window == null) {
				session.close(this.status);
				return;
			}
			Duration delay = Duration.ofMillis(ThreadLocalRandom.current().nextLong(this.window.toMillis() + 1));
			session.schedule(delay, () -> session.close(this.status));
		}

	}

	/**
	 * Sends text to one side of sessions, bypassing all policies.
	 *
	 * @param selector the sessions
	 * @param side the recipient
	 * @param text the text, at most {@value #MAX_TEXT} characters
	 */
	record Send(SessionSelector selector, Side side, String text) implements FleetCommand {

		/**
		 * The maximum number of characters of a text.
		 */
		public static final int MAX_TEXT = 16_384;

		public Send {
			if (text.length() > MAX_TEXT) {
				throw new IllegalArgumentException(
						"text: " + text.length() + " characters (expected: at most " + MAX_TEXT + ")");
			}
		}

		@Override
		public String toString() {
			return "Send[selector=" + this.selector + ", side=" + this.side + ", characters=" + this.text.length()
					+ "]";
		}

	}

	/**
	 * Begins to drain a gateway.
	 *
	 * @param gateway the name of the gateway
	 * @param window the time within which the sessions are closed; {@code null} for the
	 * configured one
	 * @param status the status for the clients; {@code null} for the configured one
	 */
	record BeginDrain(String gateway, @Nullable Duration window, @Nullable CloseStatus status) implements FleetCommand {

	}

	/**
	 * Ends the drain of a gateway.
	 *
	 * @param gateway the name of the gateway
	 */
	record EndDrain(String gateway) implements FleetCommand {

	}

	/**
	 * Revokes authentications.
	 *
	 * @param revocation what is revoked
	 */
	record Revoke(Revocation revocation) implements FleetCommand {

	}

	/**
	 * Overrides how far a policy is rolled out.
	 *
	 * @param override the override
	 */
	record SwitchPolicy(RolloutOverride override) implements FleetCommand {
	}

	/**
	 * Undoes overrides of how far a policy is rolled out.
	 *
	 * @param target the policy
	 */
	record UndoSwitch(PolicyTarget target) implements FleetCommand {
	}

}
