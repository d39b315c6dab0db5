package dev.wspolicy.redaction;

/**
 * What is shown of a payload.
 *
 * @param text the redacted text, or bytes in Base64
 * @param encoding which of the two
 * @param truncated whether there is more of it than is shown
 */
public record Excerpt(String text, Encoding encoding, boolean truncated) {

	/**
	 * How a payload is shown.
	 */
	public enum Encoding {

		/**
		 * As text.
		 */
		TEXT,

		/**
		 * As Base64 of its bytes.
		 */
		BASE64

	}

}
