package dev.wspolicy.redaction;

/**
 * The excerpt of a payload that observers may see.
 *
 * @param text the redacted text, or the bytes in Base64
 * @param encoding the encoding of {@code text}
 * @param truncated whether the payload is longer than the excerpt
 * @param redacted how much of the payload has been redacted
 */
public record Excerpt(String text, Encoding encoding, boolean truncated, Redacted redacted) {

	/**
	 * Creates an excerpt of which nothing has been redacted.
	 * @param text the text, or the bytes in Base64
	 * @param encoding the encoding of {@code text}
	 * @param truncated whether the payload is longer than the excerpt
	 */
	public Excerpt(String text, Encoding encoding, boolean truncated) {
		this(text, encoding, truncated, Redacted.NONE);
	}

	/**
	 * Creates an excerpt that shows nothing of a payload.
	 * @param text stands for the payload
	 * @return the excerpt
	 */
	public static Excerpt withheld(String text) {
		return new Excerpt(text, Encoding.TEXT, false, Redacted.ALL);
	}

	/**
	 * The encoding of an excerpt.
	 */
	public enum Encoding {

		/**
		 * Text.
		 */
		TEXT,

		/**
		 * The bytes in Base64.
		 */
		BASE64

	}

	/**
	 * How much of a payload has been redacted.
	 */
	public enum Redacted {

		/**
		 * Nothing.
		 */
		NONE,

		/**
		 * Values or matches within the payload, which is otherwise shown. A payload that
		 * has been written anew for its redaction counts as redacted in part.
		 */
		PART,

		/**
		 * The payload is withheld altogether.
		 */
		ALL

	}

}
