package dev.wspolicy.policies;

import java.security.Principal;
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

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.LogLine;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.redaction.Redaction;

/**
 * Writes a line for each frame, or for some of them. Lets all of them pass.
 */
@WsPolicy(onError = OnError.FORWARD)
final class FrameLog implements FramePolicy {

	static final String NAME = "frame-log";

	private static final Set<FrameType> DATA = Set.of(FrameType.TEXT, FrameType.BINARY);

	private final Logger logger;

	private final Level level;

	private final double sample;

	private final boolean payload;

	private final int maxLength;

	private final Redaction redaction;

	FrameLog(Settings settings) {
		if (!(settings.sample() > 0 && settings.sample() <= 1)) {
			throw new IllegalArgumentException("sample: " + settings.sample() + " (expected: more than 0, at most 1)");
		}
		if (settings.types().contains(FrameType.CONTINUATION)) {
			throw new IllegalArgumentException(
					"types: " + settings.types() + " (expected: text, binary, ping, pong, close, or some of them)");
		}
		long maxLength = settings.maxLength().toBytes();
		if (maxLength <= 0 || maxLength > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("max-length: " + settings.maxLength() + " (expected: 1B to 2GB)");
		}
		this.logger = LoggerFactory.getLogger(settings.logger());
		this.level = settings.level();
		this.sample = settings.sample();
		this.payload = settings.payload();
		this.maxLength = (int) maxLength;
		this.redaction = Redaction.of(settings.pointers(), settings.patterns(), settings.replacement());
		if (!this.payload && !this.redaction.isNone()) {
			throw new IllegalArgumentException("pointers, patterns: go with 'payload: true' only");
		}
	}

	/** What it is shown, so that nothing is assembled that is not logged. */
	static Set<FrameType> types(Settings settings) {
		return settings.types().isEmpty() ? DATA : settings.types();
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (this.logger.isEnabledForLevel(this.level) && isSampled()) {
			log(frame, context);
		}
		return Verdict.forward();
	}

	private boolean isSampled() {
		return this.sample == 1 || ThreadLocalRandom.current().nextDouble() < this.sample;
	}

	private void log(Frame frame, FrameContext context) {
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
			Excerpt excerpt = this.redaction.excerpt(frame, this.maxLength);
			entry.add("payload", excerpt.text());
			if (excerpt.encoding() == Excerpt.Encoding.BASE64) {
				entry.add("encoding", LowerCase.of(excerpt.encoding()));
			}
			if (excerpt.truncated()) {
				entry.add("truncated", "true");
			}
		}
		entry.write();
	}

	/**
	 * The settings.
	 *
	 * @param logger the name of the logger
	 * @param level the level of the lines
	 * @param sample which part of the frames is logged
	 * @param types the types of frames that are logged; empty for text and binary
	 * @param payload whether the payload is logged
	 * @param maxLength how much of a payload is logged
	 * @param pointers JSON pointers to what is not logged
	 * @param patterns RE2 expressions for what is not logged
	 * @param replacement what stands in place of what is not logged
	 */
	record Settings(@DefaultValue("dev.wspolicy.frames") String logger, @DefaultValue("info") Level level,
			@DefaultValue("1") @DecimalMin(value = "0", inclusive = false) @DecimalMax("1") double sample,
			@DefaultValue Set<FrameType> types, @DefaultValue("false") boolean payload,
			@DefaultValue("1KB") DataSize maxLength, @DefaultValue List<String> pointers,
			@DefaultValue List<String> patterns, @DefaultValue("***") String replacement) {

	}

	/**
	 * A line, and the same as key-value pairs for logs that are structured.
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
