package dev.wspolicy.observation;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.redaction.LogLine;
import dev.wspolicy.redaction.LowerCase;
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
		LogLine line = new LogLine("WebSocket session closed:").add("id", session.id())
			.add("route", session.upgrade().routeId())
			.add("pipeline", session.pipeline())
			.add("principal", (principal != null) ? principal.getName() : null)
			.add("duration_ms", Duration.between(session.openedAt(), now).toMillis());
		for (Direction direction : Direction.values()) {
			TrafficCounts counts = session.counts(direction);
			line.add(LowerCase.of(direction) + "_frames", counts.frames())
				.add(LowerCase.of(direction) + "_bytes", counts.bytes());
		}
		return line.add("cause", LowerCase.of(termination.cause()))
			.add("initiator", LowerCase.of(termination.initiator()))
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

}
