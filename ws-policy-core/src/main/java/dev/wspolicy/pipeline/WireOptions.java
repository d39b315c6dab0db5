package dev.wspolicy.pipeline;

/**
 * How the gateway reads and writes frames, independent of any policy.
 *
 * @param masking what happens to the client's masks
 * @param validateUtf8 when text is checked to be UTF-8
 * @param compression which legs may be compressed
 */
public record WireOptions(Masking masking, Utf8Validation validateUtf8, Compression compression) {

	/**
	 * The options that apply if nothing is configured: frames are forwarded unchanged.
	 */
	public static final WireOptions DEFAULT = new WireOptions(Masking.PRESERVE, Utf8Validation.WHEN_READ,
			Compression.OFF);

	/**
	 * Returns the default options with another masking.
	 * @param masking what happens to the client's masks
	 * @return the options
	 */
	public static WireOptions of(Masking masking) {
		return new WireOptions(masking, DEFAULT.validateUtf8, DEFAULT.compression);
	}

}
