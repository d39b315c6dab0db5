package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.context.ApplicationEventPublisher;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Side;

/**
 * The operations of the endpoint that concern all gateways.
 */
public final class FleetOperations {

	private static final int GATEWAY_TIMEOUT = 504;

	private final Fleet fleet;

	private final boolean byDefault;

	private final OperatorAudit audit;

	/**
	 * Creates the operations.
	 * @param fleet the gateways
	 * @param byDefault whether requests concern all gateways unless they say otherwise
	 * @param events publishes the audit events
	 */
	public FleetOperations(Fleet fleet, boolean byDefault, ApplicationEventPublisher events) {
		this.fleet = fleet;
		this.byDefault = byDefault;
		this.audit = new OperatorAudit(events);
	}

	/** Return whether a request concerns all gateways. */
	boolean isMeant(@Nullable Boolean fleet) {
		return (fleet != null) ? fleet : this.byDefault;
	}

	Mono<WebEndpointResponse<Object>> sessions(SessionSelector selector, @Nullable String after,
			@Nullable Integer limit, SessionsDescriptor local) {
		SessionQuery query = new SessionQuery(selector, WebSocketsEndpoint.cursor(after),
				WebSocketsEndpoint.size(limit));
		return Mono.zip(this.fleet.sessions(query), this.fleet.gateways(), (list,
				gateways) -> new WebEndpointResponse<>(FleetSessionsDescriptor.of(list, gateways, this.fleet, local)));
	}

	Mono<WebEndpointResponse<Object>> session(String id) {
		return this.fleet.find(id).map(FleetOperations::found);
	}

	private static WebEndpointResponse<Object> found(SessionList list) {
		FleetReach reach = FleetReach.of(list.reach());
		FleetSessionsDescriptor.Summary session = list.first().map(FleetSessionsDescriptor.Summary::of).orElse(null);
		return (session != null) ? new WebEndpointResponse<>(new FleetSessionsDescriptor.Found(session, null, reach))
				: notFound(reach);
	}

	private static WebEndpointResponse<Object> notFound(FleetReach reach) {
		String message = reach.missing().isEmpty() ? "no such session"
				: "no such session, but these gateways did not answer: " + String.join(", ", reach.missing());
		return new WebEndpointResponse<>(new FleetSessionsDescriptor.Found(null, message, reach),
				WebEndpointResponse.STATUS_NOT_FOUND);
	}

	Mono<WebEndpointResponse<Object>> send(SecurityContext operator, String id, Side side, String text) {
		WebSocketsEndpoint.requireEncodable("text", text);
		if (text.length() > FleetCommand.Send.MAX_TEXT) {
			throw Problem.invalid("text: " + text.length() + " characters (expected: at most "
					+ FleetCommand.Send.MAX_TEXT + " with fleet)");
		}
		return this.fleet.send(SessionSelector.id(id), side, text).map((outcome) -> {
			FleetReach reach = FleetReach.of(outcome);
			if (outcome.sessions() == 0) {
				return notFound(reach);
			}
			this.audit.record(operator, OperatorAudit.SENT, "session", id, "side", side, "characters", text.length(),
					"fleet", true);
			return new WebEndpointResponse<>(new FleetSessionsDescriptor.Sent(outcome.sessions(), reach));
		});
	}

	Mono<WebEndpointResponse<Object>> close(SecurityContext operator, String id, CloseStatus status) {
		return this.fleet.closeById(id, status).map((outcome) -> {
			FleetReach reach = FleetReach.of(outcome);
			if (outcome.sessions() == 0) {
				return notFound(reach);
			}
			this.audit.record(operator, OperatorAudit.CLOSED, "session", id, "code", status.code(), "fleet", true);
			return new WebEndpointResponse<>(new FleetSessionsDescriptor.Closed(outcome.sessions(), reach));
		});
	}

	Mono<WebEndpointResponse<Object>> closeMatching(SecurityContext operator, SessionSelector selector,
			@Nullable Boolean all, @Nullable Duration window, @Nullable Integer code, @Nullable String reason) {
		CloseStatus status = WebSocketsEndpoint.closeCommand(selector, all, window, code, reason).status();
		Mono<FleetOutcome> closing = (window != null) ? this.fleet.closeWithin(selector, status, window)
				: this.fleet.close(selector, status);
		return closing.map((outcome) -> {
			this.audit.recordMatching(operator, OperatorAudit.CLOSED_MATCHING, selector, all, "window", window, "code",
					status.code(), "closed", outcome.sessions(), "fleet", true);
			return new WebEndpointResponse<>(
					new FleetSessionsDescriptor.Closed(outcome.sessions(), FleetReach.of(outcome)));
		});
	}

	Mono<WebEndpointResponse<Object>> sendMatching(SecurityContext operator, SessionSelector selector,
			@Nullable Boolean all, Side side, String text) {
		WebSocketsEndpoint.sendCommand(selector, all, side, text);
		return this.fleet.send(selector, side, text).map((outcome) -> {
			this.audit.recordMatching(operator, OperatorAudit.SENT_MATCHING, selector, all, "side", side, "characters",
					text.length(), "sent", outcome.sessions(), "fleet", true);
			return new WebEndpointResponse<>(
					new FleetSessionsDescriptor.Sent(outcome.sessions(), FleetReach.of(outcome)));
		});
	}

	Mono<WebEndpointResponse<Object>> drain(SecurityContext operator, String gateway, boolean draining,
			@Nullable Duration window, @Nullable CloseStatus status) {
		Mono<FleetOutcome> outcome = draining ? this.fleet.drain(gateway, window, status)
				: this.fleet.endDrain(gateway);
		return this.fleet.gateways().flatMap((gateways) -> {
			List<String> names = gateways.stream().map(FleetGateway::name).toList();
			if (!names.contains(gateway)) {
				return Mono.just(new WebEndpointResponse<Object>(new Problem(
						"gateway: no live gateway '" + gateway + "' (expected: " + String.join(", ", names) + ")"),
						WebEndpointResponse.STATUS_NOT_FOUND));
			}
			return outcome.map((result) -> drained(operator, gateway, draining, window, result));
		});
	}

	private WebEndpointResponse<Object> drained(SecurityContext operator, String gateway, boolean draining,
			@Nullable Duration window, FleetOutcome outcome) {
		String problem = outcome.problems().get(gateway);
		if (problem != null) {
			return new WebEndpointResponse<>(new Problem(problem), WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		this.audit.record(operator, draining ? OperatorAudit.DRAIN_BEGUN : OperatorAudit.DRAIN_ENDED, "window", window,
				"gateway", gateway);
		if (!outcome.reach().isComplete()) {
			return new WebEndpointResponse<>(
					new Problem("gateway: '" + gateway
							+ "' has not answered; it executes the command if it can be reached again soon"),
					GATEWAY_TIMEOUT);
		}
		return new WebEndpointResponse<>(
				new FleetSessionsDescriptor.Drained(gateway, draining, outcome.sessions(), FleetReach.of(outcome)));
	}

}
