package dev.wspolicy.builtin;

import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.builtin.support.SettingCheck;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.recording.Recordings;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.LogLine;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Logs all frames or a sample of them, or records them in a file, and forwards them all.
 */
@WsPolicy(onError = OnError.FORWARD)
final class FrameLogPolicy implements FramePolicy {

	static final String NAME = "frame-log";

	private static final String DEFAULT_LOGGER = "dev.wspolicy.frames";

	private static final String DEFAULT_REPLACEMENT = "***";

	private static final Set<FrameType> DATA = Set.of(FrameType.TEXT, FrameType.BINARY);

	/** The time limit for redacting a long payload, which happens off the event loop. */
	private static final Duration OFF_LOOP = Duration.ofSeconds(1);

	private final Logger logger;

	private final Level level;

	private final double sample;

	private final boolean payload;

	private final int maxLength;

	private final Redaction redaction;

	/** Where messages are recorded, instead of being logged; {@code null} to log them. */
	private final @Nullable FrameRecording recording;

	FrameLogPolicy(Settings settings, Recordings recordings) {
		if (!(settings.sample() > 0 && settings.sample() <= 1)) {
			throw new IllegalArgumentException("sample: " + settings.sample() + " (expected: more than 0, at most 1)");
		}
		if (settings.types().contains(FrameType.CONTINUATION)) {
			throw new IllegalArgumentException(
					"types: " + settings.types() + " (expected: text, binary, ping, pong, close, or some of them)");
		}
		long maxLength = settings.maxLength().toBytes();
		if (maxLength <= 0 || maxLength > Integer.MAX_VALUE) {
			throw new IllegalArgumentException(
					"max-length: " + settings.maxLength() + " (expected: at least 1B and less than 2GB)");
		}
		this.logger = LoggerFactory.getLogger(settings.logger());
		this.level = settings.level();
		this.sample = settings.sample();
		this.payload = settings.payload();
		this.maxLength = (int) maxLength;
		this.redaction = Redaction.of(settings.pointers(), settings.patterns(), settings.replacement());
		checkApplicable(settings, this.redaction.isNone());
		this.recording = (settings.record() != null) ? FrameRecording.of(settings.record(), this.sample, recordings)
				: null;
	}

	private static void checkApplicable(Settings settings, boolean unredacted) {
		if (!settings.payload() && !unredacted) {
			throw new IllegalArgumentException("pointers, patterns: supported with 'payload: true' only");
		}
		if (unredacted) {
			SettingCheck.notApplicable("replacement", settings.replacement(), DEFAULT_REPLACEMENT,
					"supported with pointers or patterns only");
		}
		if (settings.record() != null) {
			SettingCheck.notApplicable("logger", settings.logger(), DEFAULT_LOGGER, "not supported with record");
			SettingCheck.notApplicable("level", settings.level(), Level.INFO, "not supported with record");
		}
	}

	/** The types to receive: messages that are not logged need no assembly. */
	static Set<FrameType> types(Settings settings) {
		return settings.types().isEmpty() ? DATA : settings.types();
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (!isWanted(context) || !isSampled()) {
			return Verdict.forward();
		}
		return this.redaction.isNone() ? show(frame, context)
				: EventLoopGuard.evaluate(frame, () -> show(frame, context));
	}

	private boolean isWanted(FrameContext context) {
		return (this.recording != null) ? this.recording.isFor(context.session())
				: this.logger.isEnabledForLevel(this.level);
	}

	@Override
	public void onOpen(ProxiedSession session) {
		if (this.recording != null) {
			this.recording.opened(session);
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		if (this.recording != null) {
			this.recording.closed(session, termination);
		}
	}

	private Verdict show(Frame frame, FrameContext context) {
		return (this.recording != null) ? record(frame, context, this.recording) : log(frame, context);
	}

	private Verdict record(Frame frame, FrameContext context, FrameRecording recording) {
		Excerpt shown = null;
		if (frame instanceof CloseFrame close) {
			// The reason is free text: a session can be replayed without it.
			String code = close.status().isEmpty() ? "" : Integer.toString(close.status().code());
			shown = new Excerpt(code, Encoding.TEXT, false);
		}
		else if (this.payload) {
			shown = excerpt(frame);
		}
		recording.add(context.session(), context.direction(), frame, shown);
		return Verdict.forward();
	}

	private Excerpt excerpt(Frame frame) {
		return EventLoopGuard.isShort(frame) ? this.redaction.excerpt(frame, this.maxLength)
				: this.redaction.excerpt(frame, this.maxLength, OFF_LOOP);
	}

	private boolean isSampled() {
		return this.sample == 1 || ThreadLocalRandom.current().nextDouble() < this.sample;
	}

	private Verdict log(Frame frame, FrameContext context) {
		Entry entry = new Entry(this.logger.atLevel(this.level));
		Principal principal = context.session().principal();
		entry.add("session", context.session().id())
			.add("route", context.upgrade().routeId())
			.add("pipeline", context.session().pipeline())
			.add("principal", (principal != null) ? principal.getName() : null)
			.add("direction", LowerCase.of(context.direction()))
			.add("type", LowerCase.of(frame.type()))
			.add("length", frame.length());
		if (frame instanceof CloseFrame close) {
			entry.add("code", close.status().code());
		}
		else if (this.payload) {
			Excerpt excerpt = excerpt(frame);
			entry.add("payload", excerpt.text());
			if (excerpt.encoding() == Encoding.BASE64) {
				entry.add("encoding", LowerCase.of(excerpt.encoding()));
			}
			if (excerpt.truncated()) {
				entry.add("truncated", "true");
			}
		}
		entry.write();
		return Verdict.forward();
	}

	/**
	 * The settings.
	 *
	 * @param logger the name of the logger
	 * @param level the log level
	 * @param sample the fraction of frames to log
	 * @param types the types of frames to log; empty for text and binary
	 * @param payload whether to log payloads
	 * @param maxLength the maximum length of a logged payload
	 * @param pointers the JSON pointers to the values to redact
	 * @param patterns the RE2 expressions for the text to redact
	 * @param replacement the text that replaces redacted values
	 * @param record the file to record the messages in, instead of logging them
	 */
	record Settings(@DefaultValue(DEFAULT_LOGGER) String logger, @DefaultValue("info") Level level,
			@DefaultValue("1") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1") double sample,
			@DefaultValue Set<FrameType> types, @DefaultValue("false") boolean payload,
			@DefaultValue("1KB") DataSize maxLength, @DefaultValue List<String> pointers,
			@DefaultValue List<String> patterns, @DefaultValue(DEFAULT_REPLACEMENT) String replacement,
			@Nullable RecordingSettings record) {

	}

	/**
	 * A log line, and the same data as key-value pairs for structured logging.
	 */
	private static final class Entry {

		private LoggingEventBuilder event;

		private final LogLine line = new LogLine("WebSocket frame:");

		Entry(LoggingEventBuilder event) {
			this.event = event;
		}

		Entry add(String key, int value) {
			this.event = this.event.addKeyValue(key, value);
			this.line.add(key, value);
			return this;
		}

		Entry add(String key, @Nullable String value) {
			if (value != null) {
				this.event = this.event.addKeyValue(key, value);
			}
			this.line.add(key, value);
			return this;
		}

		void write() {
			this.event.log(this.line.toString());
		}

	}

}
