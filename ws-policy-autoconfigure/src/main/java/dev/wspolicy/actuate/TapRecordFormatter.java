package dev.wspolicy.actuate;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SanitizableData;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.recording.RecordingFormat;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;

/**
 * Formats recorded frames for the response of the endpoint.
 */
final class TapRecordFormatter {

	private static final Excerpt HIDDEN = Excerpt.withheld(SanitizableData.SANITIZED_VALUE);

	private final int bytes;

	private final boolean shown;

	private final Redaction redaction;

	private final KnownSubprotocols subprotocols;

	/**
	 * Creates a formatter.
	 * @param bytes the maximum number of payload bytes to show
	 * @param shown whether payloads and other values are shown at all
	 * @param redaction what to remove from payloads
	 * @param subprotocols the subprotocols that are shown in any case
	 */
	TapRecordFormatter(int bytes, boolean shown, Redaction redaction, KnownSubprotocols subprotocols) {
		this.bytes = bytes;
		this.shown = shown;
		this.redaction = redaction;
		this.subprotocols = subprotocols;
	}

	/** Return the fields of a frame, in the documented order. */
	Map<String, @Nullable Object> format(String session, TappedFrame frame) {
		Map<String, @Nullable Object> fields = RecordingFormat.fields(new Message(session, frame.direction(),
				frame.origin(), frame.type(), frame.fin(), frame.time(), frame.length(), payload(frame)));
		fields.put("policyNanos", frame.policyNanos());
		fields.put("maskKey", (frame.maskKey() != null) ? String.format("%08x", frame.maskKey()) : null);
		fields.put("verdict", LowerCase.of(frame.outcome()));
		fields.put("policy", frame.policy());
		fields.put("observed", frame.observed().stream().map(this::observed).toList());
		return fields;
	}

	/**
	 * Return the fields of a verdict that is not part of a recorded frame, in the
	 * documented order.
	 */
	Map<String, @Nullable Object> format(String session, Instant time, ObservedVerdict verdict) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		Direction direction = verdict.direction();
		fields.put("record", "observed");
		fields.put("session", session);
		fields.put("direction", (direction != null) ? LowerCase.of(direction) : null);
		fields.put("time", time.toString());
		fields.putAll(observed(verdict));
		return fields;
	}

	private Map<String, @Nullable Object> observed(ObservedVerdict verdict) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		CloseStatus status = verdict.status();
		fields.put("policy", verdict.policy());
		fields.put("verdict", LowerCase.of(verdict.kind()));
		fields.put("code", (status != null) ? status.code() : null);
		fields.put("reason", (status != null) ? reason(status) : null);
		return fields;
	}

	/** The reason may quote the payload, and is shown as the payload is. */
	private @Nullable String reason(CloseStatus status) {
		byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
		if (reason.length == 0) {
			return null;
		}
		return this.shown ? reason(reason, reason.length).text() : HIDDEN.text();
	}

	/**
	 * Return the fields of a session; its principal is a value, too, and its subprotocol
	 * may be one.
	 */
	Map<String, @Nullable Object> format(ProxiedSession session) {
		return RecordingFormat.fields(
				Open.of(session, this.shown, (subprotocol) -> this.shown || this.subprotocols.contains(subprotocol)));
	}

	private Excerpt payload(TappedFrame frame) {
		if (!this.shown && frame.length() > 0) {
			return HIDDEN;
		}
		if (frame.type() == FrameType.CLOSE) {
			return close(frame.payload(), frame.length());
		}
		if (this.redaction.isNone() || frame.length() == 0) {
			return truncate(frame.payload(), frame.length(), CodingErrorAction.REPORT);
		}
		return redacted(frame);
	}

	/** Redaction needs the complete payload. */
	private Excerpt redacted(TappedFrame frame) {
		boolean fragment = frame.type() == FrameType.CONTINUATION || !frame.fin();
		if (fragment || frame.payload().length < frame.length()) {
			return HIDDEN;
		}
		return redacted(frame.type().isData() ? frame.type() : FrameType.TEXT, frame.payload());
	}

	/** Pings and close reasons may contain the same data as messages. */
	private Excerpt redacted(FrameType type, byte[] bytes) {
		Payload payload = FrameAccess.payload(BinaryFrame.of(bytes));
		return this.redaction.excerpt(FrameAccess.frame(type, true, payload), this.bytes);
	}

	private Excerpt truncate(byte[] payload, long length, CodingErrorAction onError) {
		int shown = Math.min(this.bytes, payload.length);
		boolean truncated = shown < length;
		String text = decode(payload, shown, truncated, onError);
		if (text != null) {
			return new Excerpt(text, Encoding.TEXT, truncated);
		}
		return new Excerpt(Base64.getEncoder().encodeToString(Arrays.copyOf(payload, shown)), Encoding.BASE64,
				truncated);
	}

	/** Return the close code, followed by the reason. */
	private Excerpt close(byte[] payload, long length) {
		if (payload.length < 2) {
			return new Excerpt("", Encoding.TEXT, length > payload.length);
		}
		int code = (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
		byte[] reason = Arrays.copyOfRange(payload, 2, payload.length);
		Excerpt shown = reason(reason, length - 2);
		return new Excerpt((code + " " + shown.text()).strip(), Encoding.TEXT, shown.truncated(), shown.redacted());
	}

	private Excerpt reason(byte[] reason, long length) {
		if (this.redaction.isNone() || length == 0) {
			return truncate(reason, length, CodingErrorAction.REPLACE);
		}
		return (reason.length < length) ? HIDDEN : redacted(FrameType.TEXT, reason);
	}

	/**
	 * Decode text, without a character that is truncated at the end; {@code null} if the
	 * bytes are not UTF-8 and that is to be reported.
	 */
	private static @Nullable String decode(byte[] bytes, int length, boolean truncated, CodingErrorAction onError) {
		CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(onError);
		CharBuffer text = CharBuffer.allocate(length);
		if (decoder.decode(ByteBuffer.wrap(bytes, 0, length), text, !truncated).isError()) {
			return null;
		}
		return text.flip().toString();
	}

}
