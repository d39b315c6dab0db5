package dev.wspolicy.recording;

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
		JsonNode json;
		try {
			json = JSON.readTree(line);
		}
		catch (JacksonException ex) {
			// Its message may quote the line.
			throw new IllegalArgumentException("not a JSON object");
		}
		if (!json.isObject()) {
			throw new IllegalArgumentException("not a JSON object");
		}
		return switch (text(json, KIND)) {
			case "frame" -> message(json);
			case "open" -> open(json);
			case "close" -> close(json);
			case "dropped" -> new Dropped(required(json, "count").asLong(0));
			case "end" -> new End(text(json, "reason"));
			case "recording" -> begin(json);
			default -> null;
		};
	}

	private static Begin begin(JsonNode json) {
		int version = required(json, "version").asInt(0);
		if (version < 1 || version > VERSION) {
			throw new IllegalArgumentException("version: " + version + " (expected: at most " + VERSION + ")");
		}
		JsonNode sample = json.get("sample");
		return new Begin(version, text(json, "source"), time(json, "time"), (sample != null) ? sample.asDouble(1) : 1);
	}

	private static Open open(JsonNode json) {
		return new Open(text(json, "session"), time(json, "openedAt"), text(json, "path"), text(json, "route"),
				text(json, "pipeline"), optional(json, "subprotocol"), optional(json, "principal"));
	}

	private static Message message(JsonNode json) {
		Excerpt excerpt = json.hasNonNull("payload") ? excerpt(json) : null;
		return new Message(text(json, "session"), constant(json, "direction", Direction.class),
				constant(json, "origin", Origin.class), constant(json, "type", FrameType.class),
				required(json, "fin").asBoolean(true), time(json, "time"), required(json, "length").asLong(0), excerpt);
	}

	private static Excerpt excerpt(JsonNode json) {
		Excerpt excerpt = new Excerpt(text(json, "payload"), constant(json, "encoding", Excerpt.Encoding.class),
				required(json, "truncated").asBoolean(false), constant(json, "redacted", Excerpt.Redacted.class));
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

	private static @Nullable String optional(JsonNode json, String name) {
		JsonNode value = json.get(name);
		return (value != null && !value.isNull()) ? text(json, name) : null;
	}

	private static @Nullable Integer code(JsonNode json, String name) {
		JsonNode value = json.get(name);
		return (value != null && value.isInt()) ? value.intValue() : null;
	}

	private static Instant time(JsonNode json, String name) {
		try {
			return Instant.parse(text(json, name));
		}
		catch (DateTimeException ex) {
			throw new IllegalArgumentException("'" + name + "' is not a time");
		}
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
