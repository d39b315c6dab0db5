package dev.wspolicy.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 and, unlike {@link String}'s constructors, rejects malformed bytes
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>). Fast if all bytes are ASCII.
 */
public final class Utf8 {

	private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	private static final long HIGH_BITS = 0x8080808080808080L;

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
		if (isAscii(bytes, length)) {
			return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
		}
		try {
			return StandardCharsets.UTF_8.newDecoder()
				.onMalformedInput(CodingErrorAction.REPORT)
				.onUnmappableCharacter(CodingErrorAction.REPORT)
				.decode(ByteBuffer.wrap(bytes, 0, length))
				.toString();
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
		if (isAscii(bytes, bytes.length)) {
			return new String(bytes, StandardCharsets.ISO_8859_1);
		}
		CharBuffer text = CharBuffer.allocate(bytes.length);
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
		// An incomplete character at the end is left unread, since more could follow.
		if (decoder.decode(ByteBuffer.wrap(bytes), text, false).isError()) {
			throw new InvalidUtf8Exception();
		}
		return text.flip().toString();
	}

	private static boolean isAscii(byte[] bytes, int length) {
		int index = 0;
		long seen = 0;
		for (int end = length - 7; index < end; index += 8) {
			seen |= (long) LONGS.get(bytes, index);
		}
		for (; index < length; index++) {
			seen |= bytes[index];
		}
		return (seen & HIGH_BITS) == 0;
	}

}
