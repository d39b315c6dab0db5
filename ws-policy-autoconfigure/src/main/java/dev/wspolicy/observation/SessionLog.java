package dev.wspolicy.observation;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.redaction.LogLine;
import dev.wspolicy.redaction.LowerCase;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.TrafficCounts;
import dev.wspolicy.session.UpgradeContext;

/**
 * Logs one line per closed session and one per refused upgrade, as {@code key=value}
 * pairs; at DEBUG, also one per verdict or refusal that is only observed. The lines
 * contain no payloads, headers, query parameters or reasons of close frames. Only the
 * line of an observed verdict contains the reason that the policy has chosen.
 */
public final class SessionLog implements SessionListener {

	/**
	 * The name of the logger.
	 */
	public static final String LOGGER = "dev.wspolicy.session";

	private static final Log logger = LogFactory.getLog(LOGGER);

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		if (logger.isInfoEnabled()) {
			logger.info(line(upgrade, status, policy));
		}
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		if (logger.isInfoEnabled()) {
			logger.info(line(session, termination, Instant.now()));
		}
	}

	@Override
	public void onRefusalObserved(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
		if (logger.isDebugEnabled()) {
			logger.debug(new LogLine("WebSocket refusal observed:").add("route", upgrade.routeId())
				.add("principal", nameOf(upgrade.principal()))
				.add("status", (status != null) ? Integer.toString(status.value()) : null)
				.add("policy", policy)
				.toString());
		}
	}

	@Override
	public void onVerdictObserved(ProxiedSession session, ObservedVerdict verdict) {
		if (logger.isDebugEnabled()) {
			Direction direction = verdict.direction();
			CloseStatus status = verdict.status();
			logger.debug(new LogLine("WebSocket verdict observed:").add("id", session.id())
				.add("route", session.upgrade().routeId())
				.add("principal", nameOf(session.principal()))
				.add("direction", (direction != null) ? LowerCase.of(direction) : null)
				.add("verdict", LowerCase.of(verdict.kind()))
				.add("code", code(status))
				.add("reason", (status != null && !status.reason().isEmpty()) ? status.reason() : null)
				.add("policy", verdict.policy())
				.toString());
		}
	}

	static String line(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		return new LogLine("WebSocket upgrade refused:").add("route", upgrade.routeId())
			.add("principal", nameOf(upgrade.principal()))
			.add("status", status.value())
			.add("policy", policy)
			.toString();
	}

	static String line(ProxiedSession session, Termination termination, Instant now) {
		LogLine line = new LogLine("WebSocket session closed:").add("id", session.id())
			.add("route", session.upgrade().routeId())
			.add("pipeline", session.pipeline())
			.add("principal", nameOf(session.principal()))
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
			.add("policy", termination.policy())
			.toString();
	}

	private static @Nullable String nameOf(@Nullable Principal principal) {
		return (principal != null) ? principal.getName() : null;
	}

	/**
	 * Return the code; 1005 stands for a close frame without a code (RFC 6455, section
	 * 7.1.5).
	 */
	private static @Nullable String code(@Nullable CloseStatus status) {
		return (status != null) ? Integer.toString(status.code()) : null;
	}

}
