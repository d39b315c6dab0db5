package dev.wspolicy.redaction;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.frame.Utf8;
import dev.wspolicy.redaction.Excerpt.Encoding;

/**
 * Takes out of payloads what is not for those who look on: what JSON pointers lead to,
 * and what matches expressions. What cannot be redacted as asked is not shown at all.
 * Immutable, and safe from any thread. Jackson is needed for pointers only, RE2J for
 * expressions only.
 */
public final class Redaction {

	private static final String REPLACEMENT = "***";

	private static final Redaction NONE = new Redaction(null, null, REPLACEMENT);

	private final @Nullable PointerRedaction pointers;

	private final @Nullable PatternRedaction patterns;

	private final String replacement;

	private Redaction(@Nullable PointerRedaction pointers, @Nullable PatternRedaction patterns, String replacement) {
		this.pointers = pointers;
		this.patterns = patterns;
		this.replacement = replacement;
	}

	/**
	 * The redaction that takes out nothing.
	 * @return the redaction
	 */
	public static Redaction none() {
		return NONE;
	}

	/**
	 * A redaction that puts {@code ***} in place of what it takes out.
	 * @param pointers pointers into JSON, in which {@code *} is any member or element
	 * @param patterns expressions of RE2
	 * @return the redaction
	 * @throws IllegalArgumentException if a pointer or an expression is none, or the
	 * library that it needs is missing
	 */
	public static Redaction of(List<String> pointers, List<String> patterns) {
		return of(pointers, patterns, REPLACEMENT);
	}

	/**
	 * A redaction.
	 * @param pointers pointers into JSON, in which {@code *} is any member or element
	 * @param patterns expressions of RE2
	 * @param replacement what stands in place of what is taken out, as it is
	 * @return the redaction
	 * @throws IllegalArgumentException if a pointer or an expression is none, or the
	 * library that it needs is missing
	 */
	public static Redaction of(List<String> pointers, List<String> patterns, String replacement) {
		return new Redaction(pointers(pointers, replacement), patterns(patterns, replacement), replacement);
	}

	private static @Nullable PointerRedaction pointers(List<String> pointers, String replacement) {
		try {
			return pointers.isEmpty() ? null : new PointerRedaction(pointers, replacement);
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalArgumentException("pointers: need Jackson, tools.jackson.core:jackson-databind", ex);
		}
	}

	private static @Nullable PatternRedaction patterns(List<String> patterns, String replacement) {
		try {
			return patterns.isEmpty() ? null : new PatternRedaction(patterns, replacement);
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalArgumentException("patterns: need RE2J, com.google.re2j:re2j", ex);
		}
	}

	/**
	 * Whether this redaction takes out nothing.
	 * @return {@code true} if there are neither pointers nor expressions
	 */
	public boolean isNone() {
		return this.pointers == null && this.patterns == null;
	}

	/**
	 * What may be shown of a payload: redacted as a whole, then cut. With pointers, what
	 * is not JSON is withheld, fragments among it; so are bytes that are not UTF-8 if
	 * there is anything to redact. Bad input is shown as well as it can be, and what is
	 * read here never counts as having been read by a policy.
	 * @param frame the frame, still readable
	 * @param maxBytes how many bytes to show at most, as UTF-8 or before Base64
	 * @return what to show
	 */
	public Excerpt excerpt(Frame frame, int maxBytes) {
		if (isNone()) {
			return head(frame, maxBytes);
		}
		String text = decode(frame);
		if (text != null && this.pointers != null) {
			text = isFragment(frame) ? null : this.pointers.redact(frame, text);
		}
		if (text == null) {
			return new Excerpt(this.replacement, Encoding.TEXT, false);
		}
		return cut((this.patterns != null) ? this.patterns.redact(text) : text, maxBytes);
	}

	private static boolean isFragment(Frame frame) {
		return !frame.fin() || frame instanceof ContinuationFrame;
	}

	private static @Nullable String decode(Frame frame) {
		try {
			return Utf8.decode(frame.source().bytes());
		}
		catch (InvalidUtf8Exception ex) {
			return null;
		}
	}

	private static Excerpt head(Frame frame, int maxBytes) {
		byte[] bytes = frame.source().bytes();
		boolean truncated = bytes.length > maxBytes;
		int end = truncated ? characterStart(bytes, Math.max(0, maxBytes)) : bytes.length;
		try {
			return new Excerpt(Utf8.decode(bytes, end), Encoding.TEXT, truncated);
		}
		catch (InvalidUtf8Exception ex) {
			int length = Math.min(bytes.length, Math.max(0, maxBytes));
			return (frame instanceof TextFrame)
					? new Excerpt(new String(bytes, 0, length, StandardCharsets.UTF_8), Encoding.TEXT, truncated)
					: new Excerpt(base64(bytes, length), Encoding.BASE64, truncated);
		}
	}

	private static String base64(byte[] bytes, int length) {
		return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, length));
	}

	private static Excerpt cut(String text, int maxBytes) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		if (bytes.length <= maxBytes) {
			return new Excerpt(text, Encoding.TEXT, false);
		}
		int end = characterStart(bytes, Math.max(0, maxBytes));
		return new Excerpt(StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, end)).toString(), Encoding.TEXT,
				true);
	}

	/** Where the character begins that the given byte belongs to, if it is UTF-8. */
	private static int characterStart(byte[] bytes, int index) {
		int start = index;
		while (start > 0 && index - start < 3 && (bytes[start] & 0xC0) == 0x80) {
			start--;
		}
		return start;
	}

}
