package dev.wspolicy.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.context.ApplicationEventPublisher;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;

/**
 * {@link Endpoint @Endpoint} to see the live WebSocket sessions, to close them, to send a
 * text to one of them, and to drain the gateway.
 */
@Endpoint(id = "websockets")
public class WebSocketsEndpoint {

	/**
	 * How many sessions a page has unless asked otherwise.
	 */
	public static final int DEFAULT_LIMIT = 100;

	/**
	 * How many sessions a page may have.
	 */
	public static final int MAX_LIMIT = 1000;

	private final SessionRegistry registry;

	private final @Nullable Drain drain;

	private final Sanitizer sanitizer;

	private final Show showValues;

	private final OperatorAudit audit;

	/**
	 * An endpoint.
	 * @param registry the sessions
	 * @param drain ends them all, or {@code null} if there are none to end
	 * @param sanitizingFunctions applied to values that may be shown
	 * @param showValues when values of headers, query parameters and attributes are shown
	 * @param events who is told what operators do
	 */
	public WebSocketsEndpoint(SessionRegistry registry, @Nullable Drain drain,
			Iterable<SanitizingFunction> sanitizingFunctions, Show showValues, ApplicationEventPublisher events) {
		this.audit = new OperatorAudit(events);
		this.registry = registry;
		this.drain = drain;
		this.sanitizer = new Sanitizer(sanitizingFunctions);
		this.showValues = showValues;
	}

	/**
	 * A page of the sessions that match, oldest first.
	 * @param route the id of the route
	 * @param principal the name of the principal
	 * @param address the client's address, without its port
	 * @param minAge how long the session has lived, at least
	 * @param minIdle how long no data frame has come, at least
	 * @param after {@code next} of the page before
	 * @param limit how many sessions the page may have
	 * @return the page
	 */
	@ReadOperation
	public SessionsDescriptor sessions(@Nullable String route, @Nullable String principal, @Nullable String address,
			@Nullable Duration minAge, @Nullable Duration minIdle, @Nullable String after, @Nullable Integer limit) {
		int size = (limit != null) ? limit : DEFAULT_LIMIT;
		if (size < 1 || size > MAX_LIMIT) {
			throw Problem.invalid("limit: " + size + " (expected: 1 to " + MAX_LIMIT + ")");
		}
		SessionPage page = SessionPage.of(this.registry.stream(),
				new SessionFilter(route, principal, address, minAge, minIdle).at(Instant.now()),
				(after != null) ? SessionCursor.parse(after) : null, size);
		return new SessionsDescriptor(page.sessions().stream().map(SessionsDescriptor.Summary::of).toList(),
				page.total(), (page.next() != null) ? page.next().toString() : null, this.registry.isDraining(),
				this.registry.drain().orElse(null));
	}

	/**
	 * One session.
	 * @param id its id
	 * @return the session, or {@code null} if it does not live here
	 */
	@ReadOperation
	public @Nullable SessionDescriptor session(@Selector String id) {
		return session(id, this.showValues.isShown(true));
	}

	@Nullable SessionDescriptor session(String id, boolean showUnsanitized) {
		return this.registry.find(id)
			.map((session) -> SessionDescriptor.of(session, new SessionValues(this.sanitizer, showUnsanitized)))
			.orElse(null);
	}

	/**
	 * Send a text to one side of a session, past all policies.
	 * @param id its id
	 * @param side who gets it
	 * @param text the text
	 * @return what became of it
	 */
	@WriteOperation
	public Outcome send(@Selector String id, Side side, String text) {
		return send(SecurityContext.NONE, id, side, text);
	}

	Outcome send(SecurityContext operator, String id, Side side, String text) {
		Optional<ProxiedSession> found = this.registry.find(id);
		if (found.isEmpty()) {
			return Outcome.NOT_FOUND;
		}
		if (!found.get().isOpen()) {
			return Outcome.CLOSING;
		}
		found.get().send(side, TextFrame.of(text));
		this.audit.record(operator, OperatorAudit.SENT, "session", id, "side", side, "characters", text.length());
		return Outcome.DONE;
	}

	/**
	 * Close a session, both legs with the same status.
	 * @param id its id
	 * @param code the status code; 1001 if there is none
	 * @param reason the reason
	 * @return what became of it
	 */
	@DeleteOperation
	public Outcome close(@Selector String id, @Nullable Integer code, @Nullable String reason) {
		return close(SecurityContext.NONE, id, code, reason);
	}

	Outcome close(SecurityContext operator, String id, @Nullable Integer code, @Nullable String reason) {
		CloseStatus status = status(code, reason);
		Optional<ProxiedSession> found = this.registry.find(id);
		found.ifPresent((session) -> {
			session.close(status);
			this.audit.record(operator, OperatorAudit.CLOSED, "session", id, "code", status.code());
		});
		return found.isPresent() ? Outcome.DONE : Outcome.NOT_FOUND;
	}

	/**
	 * Close all sessions that match. Without any filter there must be {@code all}.
	 * @param route the id of the route
	 * @param principal the name of the principal
	 * @param address the client's address, without its port
	 * @param minAge how long the session has lived, at least
	 * @param minIdle how long no data frame has come, at least
	 * @param all {@code true} to close all sessions
	 * @param code the status code; 1001 if there is none
	 * @param reason the reason
	 * @return how many were told to close
	 */
	@DeleteOperation
	public ClosedDescriptor closeMatching(@Nullable String route, @Nullable String principal, @Nullable String address,
			@Nullable Duration minAge, @Nullable Duration minIdle, @Nullable Boolean all, @Nullable Integer code,
			@Nullable String reason) {
		return closeMatching(SecurityContext.NONE, new SessionFilter(route, principal, address, minAge, minIdle), all,
				code, reason);
	}

	ClosedDescriptor closeMatching(SecurityContext operator, SessionFilter filter, @Nullable Boolean all,
			@Nullable Integer code, @Nullable String reason) {
		CloseStatus status = status(code, reason);
		if (filter.isEmpty() != Boolean.TRUE.equals(all)) {
			throw Problem
				.invalid("all: " + all + " (expected: route, principal, address, minAge or minIdle, or else all=true)");
		}
		Predicate<ProxiedSession> wanted = filter.at(Instant.now()).and(ProxiedSession::isOpen);
		LongAdder closed = new LongAdder();
		this.registry.stream().filter(wanted).forEach((session) -> {
			session.close(status);
			closed.increment();
		});
		this.audit.record(operator, OperatorAudit.CLOSED_MATCHING, "route", filter.route(), "principal",
				filter.principal(), "address", filter.address(), "minAge", filter.minAge(), "minIdle", filter.minIdle(),
				"all", all, "code", status.code(), "closed", closed.sum());
		return new ClosedDescriptor(closed.sum());
	}

	/**
	 * Begin to drain, or let sessions open again.
	 * @param draining {@code true} to refuse new sessions and end those that live,
	 * {@code false} to let sessions open again
	 * @param window over how long the sessions are ended, each at a random moment; as
	 * configured if there is none
	 * @return how far the drain has come
	 */
	@WriteOperation
	public DrainDescriptor drain(boolean draining, @Nullable Duration window) {
		return drain(SecurityContext.NONE, draining, window);
	}

	DrainDescriptor drain(SecurityContext operator, boolean draining, @Nullable Duration window) {
		if (this.drain == null) {
			throw Problem.invalid("draining: " + draining + " (expected: nothing, 'ws-policy.enabled' is false)");
		}
		if (window != null && !draining) {
			throw Problem.invalid("window: " + window + " (expected: only to begin)");
		}
		if (draining) {
			begin(this.drain, window);
			this.audit.record(operator, OperatorAudit.DRAIN_BEGUN, "window", window);
		}
		else {
			this.drain.welcome();
			this.audit.record(operator, OperatorAudit.DRAIN_ENDED);
		}
		return DrainDescriptor.of(this.registry);
	}

	private static void begin(Drain drain, @Nullable Duration window) {
		try {
			drain.begin(window);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	private static CloseStatus status(@Nullable Integer code, @Nullable String reason) {
		int number = (code != null) ? code : CloseStatus.GOING_AWAY.code();
		if (!CloseStatus.isValidOnTheWire(number)) {
			throw Problem.invalid("code: " + number + " (expected: 1000 to 1003, 1007 to 1014 or 3000 to 4999)");
		}
		return CloseStatus.of(number, (reason != null) ? reason : "");
	}

	/**
	 * What became of an operation on one session.
	 */
	public enum Outcome {

		/**
		 * The session was told.
		 */
		DONE,

		/**
		 * The session does not live here.
		 */
		NOT_FOUND,

		/**
		 * The session is closing, and sends no more.
		 */
		CLOSING

	}

	/**
	 * How many sessions were told to close.
	 *
	 * @param closed the number
	 */
	public record ClosedDescriptor(long closed) implements OperationResponseBody {

	}

}
