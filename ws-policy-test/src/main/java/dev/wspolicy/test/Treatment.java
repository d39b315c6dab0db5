package dev.wspolicy.test;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Termination.Cause;

/**
 * What a pipeline has made of a message, or of a session.
 *
 * @param kind the kind
 * @param policy the name of the policy that decided, or {@code null} if none did
 * @param cause why the session has been closed, or {@code null} if it has not
 * @param toClient the close code to the client, or {@code null} if there is none
 * @param toUpstream the close code to the upstream, or {@code null} if there is none
 */
public record Treatment(Kind kind, @Nullable String policy, @Nullable Cause cause, @Nullable Integer toClient,
		@Nullable Integer toUpstream) {

	/**
	 * The message has been forwarded as it is, or the session has stayed open.
	 */
	static final Treatment FORWARDED = new Treatment(Kind.FORWARDED, null, null, null, null);

	static final Treatment OPEN = new Treatment(Kind.OPEN, null, null, null, null);

	/** Returns a text such as {@code closed (client: 1008, upstream: 1001) by schema}. */
	@Override
	public String toString() {
		StringBuilder text = new StringBuilder(this.kind.name().toLowerCase(Locale.ROOT));
		if (this.toClient != null || this.toUpstream != null) {
			text.append(" (client: ").append(this.toClient).append(", upstream: ").append(this.toUpstream).append(')');
		}
		if (this.policy != null) {
			text.append(" by ").append(this.policy);
		}
		else if (this.cause != null) {
			text.append(", ").append(this.cause.name().toLowerCase(Locale.ROOT).replace('_', ' '));
		}
		return text.toString();
	}

	/**
	 * The kinds of treatment.
	 */
	public enum Kind {

		/**
		 * The message has been forwarded unchanged.
		 */
		FORWARDED,

		/**
		 * Other frames have been forwarded in its place.
		 */
		CHANGED,

		/**
		 * Nothing has been forwarded.
		 */
		DROPPED,

		/**
		 * Nothing has been forwarded, and the sender has got a reply.
		 */
		REPLIED,

		/**
		 * The session has been closed, because of the message if there is one.
		 */
		CLOSED,

		/**
		 * The verdict has not come before the end of the recorded session.
		 */
		HELD,

		/**
		 * The session has stayed open.
		 */
		OPEN

	}

}
