package dev.wspolicy.frame;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A text message, or the first fragment of one.
 */
public final class TextFrame extends Frame {

	private @Nullable String text;

	TextFrame(Payload payload, boolean fin) {
		super(payload, fin);
	}

	/**
	 * Creates a whole text message. UTF-8 cannot encode an unpaired surrogate, so a
	 * {@code ?} is sent in its place.
	 * @param text the text
	 * @return the frame
	 */
	public static TextFrame of(String text) {
		return new TextFrame(new HeapPayload(Objects.requireNonNull(text, "text")), true);
	}

	@Override
	public FrameType type() {
		return FrameType.TEXT;
	}

	/**
	 * Returns the payload as text. It is decoded once. Read fragments as bytes: the first
	 * one may end within a character, and is then not UTF-8 by itself.
	 * @return the text
	 * @throws InvalidUtf8Exception if the payload is not UTF-8; the session is then
	 * closed with 1007, even if the policy catches this
	 * @throws IllegalStateException if the outcome of this frame has been decided and the
	 * text was not read before
	 */
	public String text() {
		String result = this.text;
		if (result == null) {
			result = decode();
			this.text = result;
		}
		return result;
	}

}
