package dev.wspolicy.actuate;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SanitizableData;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.TappedFrame;

/**
 * Puts into words what a tap was told of a frame.
 */
final class TapRecord {

	private static final Excerpt HIDDEN = new Excerpt(SanitizableData.SANITIZED_VALUE, Encoding.TEXT, false);

	private final int bytes;

	private final boolean shown;

	private final Redaction redaction;

	/**
	 * A way to tell.
	 * @param bytes how much of each payload to tell
	 * @param shown whether payloads are told at all
	 * @param redaction what is taken out of them
	 */
	TapRecord(int bytes, boolean shown, Redaction redaction) {
		this.bytes = bytes;
		this.shown = shown;
		this.redaction = redaction;
	}

	/** The fields of a record, in the order in which they are documented. */
	Map<String, @Nullable Object> of(String session, TappedFrame frame) {
		Map<String, @Nullable Object> told = new LinkedHashMap<>();
		told.put("session", session);
		told.put("direction", LowerCase.of(frame.direction()));
		told.put("origin", LowerCase.of(frame.origin()));
		told.put("type", LowerCase.of(frame.type()));
		told.put("fin", frame.fin());
		told.put("time", frame.time().toString());
		told.put("policyNanos", frame.policyNanos());
		told.put("length", frame.length());
		told.put("maskKey", (frame.maskKey() != null) ? String.format("%08x", frame.maskKey()) : null);
		told.put("verdict", LowerCase.of(frame.verdict()));
		told.put("policy", frame.policy());
		Excerpt shown = payload(frame);
		told.put("payload", shown.text());
		told.put("encoding", LowerCase.of(shown.encoding()));
		told.put("truncated", shown.truncated());
		return told;
	}

	private Excerpt payload(TappedFrame frame) {
		if (!this.shown && frame.length() > 0) {
			return HIDDEN;
		}
		if (frame.type() == FrameType.CLOSE) {
			return close(frame.payload());
		}
		if (frame.type().isData() && !this.redaction.isNone()) {
			return redacted(frame);
		}
		return cut(frame.payload(), frame.length(), frame.type() == FrameType.TEXT);
	}

	/** To find what must be taken out, one must have the whole. */
	private Excerpt redacted(TappedFrame frame) {
		boolean fragment = frame.type() == FrameType.CONTINUATION || !frame.fin();
		if (fragment || frame.payload().length < frame.length()) {
			return HIDDEN;
		}
		Payload payload = BinaryFrame.of(frame.payload()).source();
		return this.redaction.excerpt(Frame.of(frame.type(), frame.fin(), payload), this.bytes);
	}

	private Excerpt cut(byte[] payload, long length, boolean isText) {
		int shown = Math.min(this.bytes, payload.length);
		boolean truncated = shown < length;
		String text = decode(payload, shown, truncated, isText);
		if (text != null) {
			return new Excerpt(text, Encoding.TEXT, truncated);
		}
		return new Excerpt(Base64.getEncoder().encodeToString(Arrays.copyOf(payload, shown)), Encoding.BASE64,
				truncated);
	}

	/** The code, and the reason behind it. */
	private Excerpt close(byte[] payload) {
		if (payload.length < 2) {
			return new Excerpt("", Encoding.TEXT, false);
		}
		int code = (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
		byte[] reason = Arrays.copyOfRange(payload, 2, payload.length);
		Excerpt cut = cut(reason, reason.length, true);
		return new Excerpt((code + " " + cut.text()).strip(), Encoding.TEXT, cut.truncated());
	}

	/** Text, if it is; a character that is cut at the end is left out. */
	private static @Nullable String decode(byte[] bytes, int length, boolean cut, boolean isText) {
		CodingErrorAction onError = isText ? CodingErrorAction.REPLACE : CodingErrorAction.REPORT;
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(onError);
		CharBuffer text = CharBuffer.allocate(length);
		if (decoder.decode(ByteBuffer.wrap(bytes, 0, length), text, !cut).isError()) {
			return null;
		}
		return text.flip().toString();
	}

}
