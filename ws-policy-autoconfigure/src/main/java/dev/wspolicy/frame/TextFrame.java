package dev.wspolicy.frame;

import org.jspecify.annotations.Nullable;

/**
 * Text: a whole message, or its first fragment.
 */
public final class TextFrame extends Frame {

	private @Nullable String text;

	TextFrame(Payload payload, boolean fin) {
		super(payload, fin);
	}

	/**
	 * A whole text message.
	 * @param text the text
	 * @return the frame
	 */
	public static TextFrame of(String text) {
		return new TextFrame(new HeapPayload(text), true);
	}

	@Override
	public FrameType type() {
		return FrameType.TEXT;
	}

	/**
	 * The payload as text, decoded once. The text of a first fragment may end within a
	 * character; it then counts as not being UTF-8, so read fragments as bytes.
	 * @return the text
	 * @throws InvalidUtf8Exception if the payload is not UTF-8; the session is then
	 * closed with 1007, even if the policy catches this
	 * @throws IllegalStateException if the verdict on this frame has settled and the text
	 * was not read before
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
