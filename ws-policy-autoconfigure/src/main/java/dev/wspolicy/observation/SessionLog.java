package dev.wspolicy.observation;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.TrafficCounts;

/**
 * Writes one line per session when it is over, as {@code key=value}. Nothing in it is
 * payload, header, query or close reason.
 */
public final class SessionLog implements SessionListener {

	/**
	 * The name of the logger.
	 */
	public static final String LOGGER = "dev.wspolicy.session";

	private static final Log logger = LogFactory.getLog(LOGGER);

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		if (logger.isInfoEnabled()) {
			logger.info(line(session, termination, Instant.now()));
		}
	}

	static String line(ProxiedSession session, Termination termination, Instant now) {
		Principal principal = session.principal();
		Line line = new Line().add("id", session.id())
			.add("route", session.upgrade().routeId())
			.add("pipeline", session.pipeline())
			.add("principal", (principal != null) ? principal.getName() : null)
			.add("duration_ms", Long.toString(Duration.between(session.openedAt(), now).toMillis()));
		for (Direction direction : Direction.values()) {
			TrafficCounts counts = session.counts(direction);
			line.add(lowerCase(direction) + "_frames", Long.toString(counts.frames()))
				.add(lowerCase(direction) + "_bytes", Long.toString(counts.bytes()));
		}
		return line.add("cause", lowerCase(termination.cause()))
			.add("initiator", lowerCase(termination.initiator()))
			.add("from_client", code(termination.fromClient()))
			.add("to_client", code(termination.toClient()))
			.add("from_upstream", code(termination.fromUpstream()))
			.add("to_upstream", code(termination.toUpstream()))
			.toString();
	}

	/** 1005 is what RFC 6455 calls a close frame without a code. */
	private static @Nullable String code(@Nullable CloseStatus status) {
		return (status != null) ? Integer.toString(status.code()) : null;
	}

	private static String lowerCase(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}

	/**
	 * A line that no value can break out of.
	 */
	private static final class Line {

		private final StringBuilder text = new StringBuilder("WebSocket session closed:");

		Line add(String key, @Nullable String value) {
			this.text.append(' ').append(key).append('=');
			if (value == null) {
				this.text.append('-');
			}
			else if (!value.isEmpty() && !value.equals("-") && value.chars().allMatch(Line::isPlain)) {
				this.text.append(value);
			}
			else {
				quote(value);
			}
			return this;
		}

		private void quote(String value) {
			this.text.append('"');
			value.chars().forEach((character) -> {
				if (character == '"' || character == '\\') {
					this.text.append('\\').append((char) character);
				}
				else if (character != ' ' && !isPlain(character) && character != '=') {
					this.text.append(String.format(Locale.ROOT, "\\u%04x", character));
				}
				else {
					this.text.append((char) character);
				}
			});
			this.text.append('"');
		}

		private static boolean isPlain(int character) {
			return character > ' ' && character < 0x7f && character != '"' && character != '\\' && character != '=';
		}

		@Override
		public String toString() {
			return this.text.toString();
		}

	}

}
