package dev.wspolicy.actuate;

import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Has it written down who did what to sessions. What was sent is not part of it, nor the
 * reason of a close frame.
 */
final class OperatorAudit {

	static final String CLOSED = "WEBSOCKET_SESSION_CLOSED";

	static final String CLOSED_MATCHING = "WEBSOCKET_SESSIONS_CLOSED";

	static final String SENT = "WEBSOCKET_TEXT_SENT";

	static final String DRAIN_BEGUN = "WEBSOCKET_DRAIN_BEGUN";

	static final String DRAIN_ENDED = "WEBSOCKET_DRAIN_ENDED";

	private final ApplicationEventPublisher publisher;

	OperatorAudit(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	/** An action, with keys and values; a value that is null is left out. */
	void record(SecurityContext operator, String type, @Nullable Object... data) {
		Map<String, @Nullable Object> details = new LinkedHashMap<>();
		for (int i = 0; i < data.length; i += 2) {
			Object value = data[i + 1];
			if (value != null) {
				details.put(String.valueOf(data[i]), value);
			}
		}
		Principal principal = operator.getPrincipal();
		this.publisher
			.publishEvent(new AuditApplicationEvent((principal != null) ? principal.getName() : "", type, details));
	}

}
