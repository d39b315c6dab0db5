package dev.wspolicy.recording;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry.Begin;
import dev.wspolicy.recording.RecordingEntry.Close;
import dev.wspolicy.recording.RecordingEntry.Dropped;
import dev.wspolicy.recording.RecordingEntry.End;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;

/**
 * The format of a recording: each line is a JSON object, whose member {@code record} says
 * what it describes. Readers ignore members that they do not know.
 */
public final class RecordingFormat {

	/**
	 * The version that is written. It changes if a reader of this version would
	 * misunderstand a recording.
	 */
	public static final int VERSION = 1;

	/** Calculations with later times would overflow. */
	private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

	private static final String KIND = "record";

	private static final JsonMapper JSON = JsonMapper.builder().build();

	private RecordingFormat() {
	}

	/**
	 * Returns the line of an entry.
	 * @param entry the entry
	 * @return a JSON object, without a line break
	 */
	public static String line(RecordingEntry entry) {
		return JSON.writeValueAsString(fields(entry));
	}

	/**
	 * Returns the members of an entry.
	 * @param entry the entry
	 * @return the members in the documented order, which can be added to
	 */
	public static Map<String, @Nullable Object> fields(RecordingEntry entry) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		if (entry instanceof Message message) {
			message(fields, message);
		}
		else if (entry instanceof Open open) {
			open(fields, open);
		}
		else if (entry instanceof Close close) {
			close(fields, close);
		}
		else if (entry instanceof Begin begin) {
			fields.put(KIND, "recording");
			fields.put("version", begin.version());
			fields.put("source", begin.source());
			fields.put("time", begin.time().toString());
			fields.put("sample", begin.sample());
		}
		else if (entry instanceof Dropped dropped) {
			fields.put(KIND, "dropped");
			fields.put("count", dropped.count());
		}
		else if (entry instanceof End end) {
			fields.put(KIND, "end");
			fields.put("reason", end.reason());
		}
		return fields;
	}

	private static void message(Map<String, @Nullable Object> fields, Message message) {
		fields.put(KIND, "frame");
		fields.put("session", message.session());
		fields.put("direction", LowerCase.of(message.direction()));
		fields.put("origin", LowerCase.of(message.origin()));
		fields.put("type", LowerCase.of(message.type()));
		fields.put("fin", message.fin());
		fields.put("time", message.time().toString());
		fields.put("length", message.length());
		Excerpt payload = message.payload();
		if (payload != null) {
			fields.put("payload", payload.text());
			fields.put("encoding", LowerCase.of(payload.encoding()));
			fields.put("truncated", payload.truncated());
			fields.put("redacted", LowerCase.of(payload.redacted()));
		}
	}

	private static void open(Map<String, @Nullable Object> fields, Open open) {
		fields.put(KIND, "open");
		fields.put("session", open.session());
		fields.put("openedAt", open.openedAt().toString());
		fields.put("path", open.path());
		fields.put("route", open.route());
		fields.put("pipeline", open.pipeline());
		fields.put("subprotocol", open.subprotocol());
		fields.put("principal", open.principal());
	}

	private static void close(Map<String, @Nullable Object> fields, Close close) {
		fields.put(KIND, "close");
		fields.put("session", close.session());
		fields.put("time", close.time().toString());
		fields.put("initiator", LowerCase.of(close.initiator()));
		fields.put("cause", LowerCase.of(close.cause()));
		fields.put("fromClient", close.fromClient());
		fields.put("toClient", close.toClient());
		fields.put("fromUpstream", close.fromUpstream());
		fields.put("toUpstream", close.toUpstream());
		fields.put("policy", close.policy());
	}

	/**
	 * Reads a line.
	 * @param line the line
	 * @return the entry, or {@code null} if the line is of a kind that this version does
	 * not know
	 * @throws IllegalArgumentException if the line cannot be read; the message says why,
	 * and has nothing of a payload
	 */
	public static @Nullable RecordingEntry parse(String line) {
		JsonNode json = read(line);
		if (json == null) {
			throw new IllegalArgumentException("not a JSON object");
		}
		return switch (text(json, KIND)) {
			case "frame" -> message(json);
			case "open" -> open(json);
			case "close" -> close(json);
			case "dropped" -> new Dropped(count(json, "count"));
			case "end" -> new End(text(json, "reason"));
			case "recording" -> begin(json);
			default -> null;
		};
	}

	/** Whether a line is complete, as far as can be told. */
	static boolean isObject(String line) {
		return read(line) != null;
	}

	private static @Nullable JsonNode read(String line) {
		try {
			JsonNode json = JSON.readTree(line);
			return json.isObject() ? json : null;
		}
		catch (JacksonException ex) {
			// Its message may quote the line.
			return null;
		}
	}

	private static Begin begin(JsonNode json) {
		long version = count(json, "version");
		if (version < 1 || version > VERSION) {
			throw new IllegalArgumentException("version: " + version + " (expected: at most " + VERSION + ")");
		}
		JsonNode sample = json.get("sample");
		return new Begin((int) version, text(json, "source"), time(json, "time"),
				(sample != null && sample.isNumber()) ? sample.doubleValue() : 1);
	}

	private static Open open(JsonNode json) {
		return new Open(text(json, "session"), time(json, "openedAt"), path(json), text(json, "route"),
				text(json, "pipeline"), optional(json, "subprotocol"), optional(json, "principal"));
	}

	private static String path(JsonNode json) {
		String path = text(json, "path");
		try {
			if (new URI("http://localhost" + path).getRawPath().equals(path)) {
				return path;
			}
		}
		catch (URISyntaxException ex) {
			// Its message quotes the path.
		}
		throw new IllegalArgumentException("'path' is not the path of a URI");
	}

	private static Message message(JsonNode json) {
		Excerpt excerpt = json.hasNonNull("payload") ? excerpt(json) : null;
		return new Message(text(json, "session"), constant(json, "direction", Direction.class),
				constant(json, "origin", Origin.class), constant(json, "type", FrameType.class), truth(json, "fin"),
				time(json, "time"), count(json, "length"), excerpt);
	}

	private static Excerpt excerpt(JsonNode json) {
		Excerpt excerpt = new Excerpt(text(json, "payload"), constant(json, "encoding", Excerpt.Encoding.class),
				truth(json, "truncated"), constant(json, "redacted", Excerpt.Redacted.class));
		if (excerpt.encoding() == Excerpt.Encoding.BASE64) {
			try {
				Base64.getDecoder().decode(excerpt.text());
			}
			catch (IllegalArgumentException ex) {
				throw new IllegalArgumentException("'payload' is not Base64", ex);
			}
		}
		return excerpt;
	}

	private static Close close(JsonNode json) {
		return new Close(text(json, "session"), time(json, "time"),
				constant(json, "initiator", Termination.Initiator.class),
				constant(json, "cause", Termination.Cause.class), code(json, "fromClient"), code(json, "toClient"),
				code(json, "fromUpstream"), code(json, "toUpstream"), optional(json, "policy"));
	}

	private static JsonNode required(JsonNode json, String name) {
		JsonNode value = json.get(name);
		if (value == null || value.isNull()) {
			throw new IllegalArgumentException("'" + name + "' is missing");
		}
		return value;
	}

	private static String text(JsonNode json, String name) {
		JsonNode value = required(json, name);
		if (!value.isString()) {
			throw new IllegalArgumentException("'" + name + "' is not a string");
		}
		return value.stringValue();
	}

	private static boolean truth(JsonNode json, String name) {
		JsonNode value = required(json, name);
		if (!value.isBoolean()) {
			throw new IllegalArgumentException("'" + name + "' is not true or false");
		}
		return value.booleanValue();
	}

	private static long count(JsonNode json, String name) {
		JsonNode value = required(json, name);
		if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
			throw new IllegalArgumentException("'" + name + "' is not a number of at least 0");
		}
		return value.longValue();
	}

	private static @Nullable String optional(JsonNode json, String name) {
		JsonNode value = json.get(name);
		return (value != null && !value.isNull()) ? text(json, name) : null;
	}

	private static @Nullable Integer code(JsonNode json, String name) {
		JsonNode value = json.get(name);
		return (value != null && value.isInt()) ? value.intValue() : null;
	}

	private static Instant time(JsonNode json, String name) {
		Instant time;
		try {
			time = Instant.parse(text(json, name));
		}
		catch (DateTimeException ex) {
			throw new IllegalArgumentException("'" + name + "' is not a time");
		}
		if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
			throw new IllegalArgumentException("'" + name + "' is not a time between 1970 and 9999");
		}
		return time;
	}

	private static <E extends Enum<E>> E constant(JsonNode json, String name, Class<E> type) {
		String value = text(json, name);
		try {
			return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("'" + name + "' has an unknown value", ex);
		}
	}

}
