package dev.wspolicy.actuate;

import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.context.ApplicationEventPublisher;

import dev.wspolicy.fleet.SessionSelector;

/**
 * Publishes audit events for the actions of operators. The events contain neither the
 * text of a message that was sent nor the reason of a close frame.
 */
final class OperatorAudit {

	static final String CLOSED = "WEBSOCKET_SESSION_CLOSED";

	static final String CLOSED_MATCHING = "WEBSOCKET_SESSIONS_CLOSED";

	static final String SENT = "WEBSOCKET_TEXT_SENT";

	static final String SENT_MATCHING = "WEBSOCKET_TEXTS_SENT";

	static final String REVOKED = "WEBSOCKET_AUTHENTICATION_REVOKED";

	static final String SWITCHED = "WEBSOCKET_POLICY_SWITCHED";

	static final String SWITCH_UNDONE = "WEBSOCKET_POLICY_SWITCH_UNDONE";

	static final String DRAIN_BEGUN = "WEBSOCKET_DRAIN_BEGUN";

	static final String DRAIN_ENDED = "WEBSOCKET_DRAIN_ENDED";

	private final ApplicationEventPublisher publisher;

	OperatorAudit(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	/**
	 * Publish an event with alternating keys and values; entries whose value is
	 * {@code null} are omitted.
	 */
	void record(SecurityContext operator, String type, @Nullable Object... data) {
		publish(operator, type, putAll(new LinkedHashMap<>(), data));
	}

	/**
	 * Publish an event for an action on all sessions that match, with the criteria, or
	 * {@code all}, before the other entries.
	 */
	void recordMatching(SecurityContext operator, String type, SessionSelector filter, @Nullable Boolean all,
			@Nullable Object... data) {
		Map<String, @Nullable Object> details = putAll(new LinkedHashMap<>(), "route", filter.route(), "pipeline",
				filter.pipeline(), "path", filter.path(), "principal", filter.principal(), "address", filter.address(),
				"state", filter.state(), "minAge", filter.minAge(), "minIdle", filter.minIdle(), "all", all);
		publish(operator, type, putAll(details, data));
	}

	private static Map<String, @Nullable Object> putAll(Map<String, @Nullable Object> details,
			@Nullable Object... data) {
		for (int i = 0; i < data.length; i += 2) {
			Object value = data[i + 1];
			if (value != null) {
				details.put(String.valueOf(data[i]), value);
			}
		}
		return details;
	}

	private void publish(SecurityContext operator, String type, Map<String, @Nullable Object> details) {
		Principal principal = operator.getPrincipal();
		this.publisher
			.publishEvent(new AuditApplicationEvent((principal != null) ? principal.getName() : "", type, details));
	}

}
