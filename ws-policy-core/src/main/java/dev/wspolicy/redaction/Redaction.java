package dev.wspolicy.redaction;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.frame.Utf8;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.Excerpt.Redacted;

/**
 * Redacts payloads for observers: the values at JSON pointers and the matches of
 * expressions. A payload that cannot be redacted is withheld altogether. Immutable and
 * thread-safe. Pointers require Jackson, expressions require RE2J.
 */
public final class Redaction {

	private static final String REPLACEMENT = "***";

	/** The time limit on the thread of the observer, which is usually an event loop. */
	private static final Duration EFFORT = Duration.ofMillis(50);

	/** The time limit where nothing waits for it. */
	private static final Duration WARM_UP = Duration.ofSeconds(30);

	private static final Redaction NONE = new Redaction(null, null, REPLACEMENT);

	private final @Nullable PointerRedaction pointers;

	private final @Nullable PatternRedaction patterns;

	private final String replacement;

	private Redaction(@Nullable PointerRedaction pointers, @Nullable PatternRedaction patterns, String replacement) {
		this.pointers = pointers;
		this.patterns = patterns;
		this.replacement = replacement;
		if (patterns != null) {
			// The time limit of the first payload is not for loading classes
			withoutMatches("{\"text\":\"\\\"\\u00e4\\\"\"}", Effort.of(WARM_UP));
		}
	}

	/**
	 * Returns the redaction that removes nothing.
	 * @return the redaction
	 */
	public static Redaction none() {
		return NONE;
	}

	/**
	 * Creates a redaction that replaces values with {@code ***}.
	 * @param pointers the JSON pointers, in which {@code *} matches any member or element
	 * and {@code **} any number of levels
	 * @param patterns the RE2 expressions
	 * @return the redaction
	 * @throws IllegalArgumentException if a pointer or an expression is invalid, or the
	 * required library is missing
	 */
	public static Redaction of(List<String> pointers, List<String> patterns) {
		return of(pointers, patterns, REPLACEMENT);
	}

	/**
	 * Creates a redaction.
	 * @param pointers the JSON pointers, in which {@code *} matches any member or element
	 * and {@code **} any number of levels
	 * @param patterns the RE2 expressions
	 * @param replacement the literal replacement of redacted values
	 * @return the redaction
	 * @throws IllegalArgumentException if a pointer or an expression is invalid, or the
	 * required library is missing
	 */
	public static Redaction of(List<String> pointers, List<String> patterns, String replacement) {
		return new Redaction(pointers(pointers, replacement), patterns(patterns, replacement), replacement);
	}

	private static @Nullable PointerRedaction pointers(List<String> pointers, String replacement) {
		try {
			return pointers.isEmpty() ? null : new PointerRedaction(pointers, replacement);
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalArgumentException("pointers: require Jackson, tools.jackson.core:jackson-databind", ex);
		}
	}

	private static @Nullable PatternRedaction patterns(List<String> patterns, String replacement) {
		try {
			return patterns.isEmpty() ? null : new PatternRedaction(patterns, replacement);
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalArgumentException("patterns: require RE2J, com.google.re2j:re2j", ex);
		}
	}

	/**
	 * Returns whether this redaction removes nothing.
	 * @return {@code true} if there are neither pointers nor expressions
	 */
	public boolean isNone() {
		return this.pointers == null && this.patterns == null;
	}

	/**
	 * Redacts the matches of expressions in a text. Pointers do not apply.
	 * @param text the text
	 * @param effort limits the search
	 * @return the redacted text, or the same one if nothing matches
	 * @throws EffortExceededException if the search exceeds its effort
	 */
	public String redact(String text, Effort effort) {
		return (this.patterns != null) ? this.patterns.redact(text, effort) : text;
	}

	/**
	 * Returns the excerpt of a payload that may be shown: redacted as a whole, then
	 * truncated. Withholds payloads that are not JSON, including fragments, if there are
	 * pointers; payloads that are not UTF-8 if there is anything to redact; and payloads
	 * whose redaction takes longer than 50 milliseconds. Malformed payloads do not cause
	 * errors, and reading a payload here does not count as a read by a policy.
	 * @param frame the frame, still readable
	 * @param maxBytes the maximum length of the excerpt in bytes, before Base64 encoding
	 * @return the excerpt
	 */
	public Excerpt excerpt(Frame frame, int maxBytes) {
		return excerpt(frame, maxBytes, EFFORT);
	}

	/**
	 * Returns the excerpt of a payload that may be shown, as {@link #excerpt(Frame, int)}
	 * does, with another time limit.
	 * @param frame the frame, still readable
	 * @param maxBytes the maximum length of the excerpt in bytes, before Base64 encoding
	 * @param atMost the time limit for the redaction
	 * @return the excerpt
	 */
	public Excerpt excerpt(Frame frame, int maxBytes, Duration atMost) {
		if (isNone()) {
			return head(frame, maxBytes);
		}
		String original = decode(frame);
		String text = original;
		if (text != null && this.pointers != null) {
			text = isFragment(frame) ? null : this.pointers.redact(frame, text);
		}
		if (text == null) {
			return Excerpt.withheld(this.replacement);
		}
		try {
			String shown = (this.patterns != null) ? withoutMatches(text, Effort.of(atMost)) : text;
			return (shown != null) ? cut(shown, maxBytes, shown.equals(original) ? Redacted.NONE : Redacted.PART)
					: Excerpt.withheld(this.replacement);
		}
		catch (EffortExceededException ex) {
			return Excerpt.withheld(this.replacement);
		}
	}

	/** Returns {@code null} if an escape hides a match. */
	private @Nullable String withoutMatches(String text, Effort effort) {
		UnaryOperator<String> redaction = (part) -> redact(part, effort);
		String read = JsonEscapes.redact(text, redaction);
		if (read == null) {
			return null;
		}
		String redacted = redaction.apply(read);
		return JsonEscapes.hide(read, redacted, redaction) ? null : redacted;
	}

	private static boolean isFragment(Frame frame) {
		return !frame.fin() || frame instanceof ContinuationFrame;
	}

	private static @Nullable String decode(Frame frame) {
		try {
			return Utf8.decode(FrameAccess.payload(frame).bytes());
		}
		catch (InvalidUtf8Exception ex) {
			return null;
		}
	}

	private static Excerpt head(Frame frame, int maxBytes) {
		byte[] bytes = FrameAccess.payload(frame).bytes();
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

	private static Excerpt cut(String text, int maxBytes, Redacted redacted) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		if (bytes.length <= maxBytes) {
			return new Excerpt(text, Encoding.TEXT, false, redacted);
		}
		int end = characterStart(bytes, Math.max(0, maxBytes));
		return new Excerpt(StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, end)).toString(), Encoding.TEXT,
				true, redacted);
	}

	/** Returns the start of the UTF-8 character that contains the given byte. */
	private static int characterStart(byte[] bytes, int index) {
		int start = index;
		while (start > 0 && index - start < 3 && (bytes[start] & 0xC0) == 0x80) {
			start--;
		}
		return start;
	}

}
