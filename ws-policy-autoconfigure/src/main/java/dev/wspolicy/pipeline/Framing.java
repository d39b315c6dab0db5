package dev.wspolicy.pipeline;

/**
 * What becomes of frames on the wire, whatever the policies make of them.
 *
 * @param masking what becomes of the client's masks
 * @param validateUtf8 when text is checked
 * @param compression which legs may be compressed
 */
public record Framing(Masking masking, Utf8Validation validateUtf8, Compression compression) {

	/**
	 * Frames stay as they are.
	 */
	public static final Framing DEFAULT = new Framing(Masking.PRESERVE, Utf8Validation.WHEN_READ, Compression.OFF);

	/**
	 * The default but for the masks.
	 * @param masking what becomes of the client's masks
	 * @return the framing
	 */
	public static Framing of(Masking masking) {
		return new Framing(masking, DEFAULT.validateUtf8, DEFAULT.compression);
	}

}
