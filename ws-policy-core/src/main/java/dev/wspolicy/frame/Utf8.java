package dev.wspolicy.frame;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 and, unlike {@link String}'s constructors, rejects malformed bytes
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>).
 */
public final class Utf8 {

	private static final char REPLACEMENT = '\uFFFD';

	private Utf8() {
	}

	/**
	 * Decodes a whole array.
	 * @param bytes the bytes
	 * @return the text
	 * @throws InvalidUtf8Exception if the bytes are not UTF-8
	 */
	public static String decode(byte[] bytes) {
		return decode(bytes, bytes.length);
	}

	/**
	 * Decodes the first bytes of an array.
	 * @param bytes the array
	 * @param length how many of its bytes
	 * @return the text
	 * @throws InvalidUtf8Exception if the bytes are not UTF-8
	 */
	public static String decode(byte[] bytes, int length) {
		// The constructor is the fastest decoder of the JDK. It replaces malformed bytes
		// by a character that hardly any text contains.
		String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
		if (text.indexOf(REPLACEMENT) >= 0) {
			checkWellFormed(bytes, length);
		}
		return text;
	}

	private static void checkWellFormed(byte[] bytes, int length) {
		try {
			StandardCharsets.UTF_8.newDecoder()
				.onMalformedInput(CodingErrorAction.REPORT)
				.onUnmappableCharacter(CodingErrorAction.REPORT)
				.decode(ByteBuffer.wrap(bytes, 0, length));
		}
		catch (CharacterCodingException ex) {
			throw new InvalidUtf8Exception();
		}
	}

	/**
	 * Decodes the complete characters of an array, which may end within another one.
	 * @param bytes the bytes
	 * @return the text
	 * @throws InvalidUtf8Exception if the bytes are not the beginning of UTF-8
	 */
	static String decodeWhole(byte[] bytes) {
		CharBuffer text = CharBuffer.allocate(bytes.length);
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
		// An incomplete character at the end is left unread, since more could follow.
		if (decoder.decode(ByteBuffer.wrap(bytes), text, false).isError()) {
			throw new InvalidUtf8Exception();
		}
		return text.flip().toString();
	}

}
