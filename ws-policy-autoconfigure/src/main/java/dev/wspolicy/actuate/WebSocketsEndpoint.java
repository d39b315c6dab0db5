package dev.wspolicy.actuate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.context.ApplicationEventPublisher;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.SessionCursor;
import dev.wspolicy.fleet.SessionPage;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Side;

/**
 * {@link Endpoint @Endpoint} that shows live WebSocket sessions, closes them, sends text
 * to one of them, and drains the gateway. Like the endpoint of Spring Cloud Gateway, it
 * is read-only unless its access is set to unrestricted.
 */
@Endpoint(id = "websockets", defaultAccess = Access.READ_ONLY)
public class WebSocketsEndpoint {

	/**
	 * The default number of sessions per page.
	 */
	static final int DEFAULT_LIMIT = 100;

	/**
	 * The maximum number of sessions per page.
	 */
	static final int MAX_LIMIT = 1000;

	private final SessionRegistry registry;

	private final @Nullable Drain drain;

	private final RecentEndings recent;

	private final Sanitizer sanitizer;

	private final KnownSubprotocols subprotocols;

	private final Show showValues;

	private final OperatorAudit audit;

	/**
	 * Creates an endpoint.
	 * @param registry the live sessions
	 * @param drain drains the gateway, or {@code null} if ws-policy is disabled
	 * @param recent the recently closed sessions and refused upgrades
	 * @param sanitizingFunctions applied to all values
	 * @param showValues when values of headers, query parameters and attributes are shown
	 * @param subprotocols patterns of subprotocols that are always shown
	 * @param events publishes the audit events
	 */
	public WebSocketsEndpoint(SessionRegistry registry, @Nullable Drain drain, RecentEndings recent,
			Iterable<SanitizingFunction> sanitizingFunctions, Show showValues, List<String> subprotocols,
			ApplicationEventPublisher events) {
		this.audit = new OperatorAudit(events);
		this.registry = registry;
		this.drain = drain;
		this.recent = recent;
		this.subprotocols = new KnownSubprotocols(subprotocols);
		this.sanitizer = new Sanitizer(sanitizingFunctions);
		this.showValues = showValues;
	}

	/**
	 * Return a page of the matching sessions, oldest first.
	 * @param route the id of the route
	 * @param pipeline the name of the pipeline
	 * @param path the requested path, without the query; {@code *} stands for any
	 * characters
	 * @param principal the name of the principal
	 * @param address the address of the client, without the port
	 * @param state whether the session is open or closing
	 * @param minAge the minimum time since the session was opened
	 * @param minIdle the minimum time since the last data frame
	 * @param after the {@code next} value of the previous page
	 * @param limit the maximum number of sessions on the page
	 * @param recent the maximum number of recently closed sessions and of recently
	 * refused upgrades to include; {@code null} for none
	 * @return the page
	 */
	@ReadOperation
	public SessionsDescriptor sessions(@Nullable String route, @Nullable String pipeline, @Nullable String path,
			@Nullable String principal, @Nullable String address, SessionSelector.@Nullable State state,
			@Nullable Duration minAge, @Nullable Duration minIdle, @Nullable String after, @Nullable Integer limit,
			@Nullable Integer recent) {
		SessionSelector filter = selector(route, pipeline, path, principal, address, state, minAge, minIdle);
		return sessions(filter, after, limit, recent, this.showValues.isShown(true));
	}

	SessionsDescriptor sessions(SessionSelector filter, @Nullable String after, @Nullable Integer limit,
			@Nullable Integer recent, boolean showUnsanitized) {
		if (recent != null && (recent < 0 || recent > RecentEndings.MAX)) {
			throw Problem.invalid("recent: " + recent + " (expected: 0 to " + RecentEndings.MAX + ")");
		}
		SessionPage.Selection<ProxiedSession> selection = new SessionPage.Selection<>(cursor(after), size(limit));
		this.registry.stream()
			.filter(filter.at(Instant.now()))
			.forEach((session) -> selection.offer(SessionCursor.of(session), session));
		SessionPage<ProxiedSession> page = selection.page();
		SessionValues values = values(showUnsanitized);
		return new SessionsDescriptor(
				page.sessions().stream().map((session) -> SessionsDescriptor.Summary.of(session, values)).toList(),
				page.total(), (page.next() != null) ? page.next().toString() : null, this.registry.isDraining(),
				this.registry.drain().orElse(null), (recent != null) ? this.recent.ended(filter, recent) : null,
				(recent != null) ? this.recent.refused(filter, recent) : null);
	}

	static SessionSelector selector(@Nullable String route, @Nullable String pipeline, @Nullable String path,
			@Nullable String principal, @Nullable String address, SessionSelector.@Nullable State state,
			@Nullable Duration minAge, @Nullable Duration minIdle) {
		try {
			return new SessionSelector(null, route, pipeline, path, principal, address, state, minAge, minIdle);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	static int size(@Nullable Integer limit) {
		int size = (limit != null) ? limit : DEFAULT_LIMIT;
		if (size < 1 || size > MAX_LIMIT) {
			throw Problem.invalid("limit: " + size + " (expected: 1 to " + MAX_LIMIT + ")");
		}
		return size;
	}

	static @Nullable SessionCursor cursor(@Nullable String after) {
		try {
			return (after != null) ? SessionCursor.parse(after) : null;
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	private SessionValues values(boolean showUnsanitized) {
		return new SessionValues(this.sanitizer, this.subprotocols, showUnsanitized);
	}

	/**
	 * Return one session.
	 * @param id its id
	 * @return the session, or {@code null} if there is no live session with this id
	 */
	@ReadOperation
	public @Nullable SessionDescriptor session(@Selector(match = Match.ALL_REMAINING) String... id) {
		return session(idOf(id), this.showValues.isShown(true));
	}

	@Nullable SessionDescriptor session(String id, boolean showUnsanitized) {
		return this.registry.find(id)
			.map((session) -> SessionDescriptor.of(session, values(showUnsanitized)))
			.orElse(null);
	}

	/**
	 * Send text to one side of a session, bypassing all policies.
	 * @param id the id of the session
	 * @param side the recipient
	 * @param text the text
	 * @return the outcome
	 */
	@WriteOperation
	public OutcomeDescriptor send(@Selector(match = Match.ALL_REMAINING) String[] id, Side side, String text) {
		return new OutcomeDescriptor(send(SecurityContext.NONE, idOf(id), side, text));
	}

	Outcome send(SecurityContext operator, String id, Side side, String text) {
		requireEncodable("text", text);
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
	 * Close a session, with the same status on both legs.
	 * @param id the id of the session
	 * @param code the close code, 1001 by default
	 * @param reason the close reason, empty by default
	 * @return the outcome
	 */
	@DeleteOperation
	public OutcomeDescriptor close(@Selector(match = Match.ALL_REMAINING) String[] id, @Nullable Integer code,
			@Nullable String reason) {
		return new OutcomeDescriptor(close(SecurityContext.NONE, idOf(id), code, reason));
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
	 * Close all matching sessions. Requires either a filter or {@code all}.
	 * @param route the id of the route
	 * @param pipeline the name of the pipeline
	 * @param path the requested path, without the query; {@code *} stands for any
	 * characters
	 * @param principal the name of the principal
	 * @param address the address of the client, without the port
	 * @param state whether the session is open or closing
	 * @param minAge the minimum time since the session was opened
	 * @param minIdle the minimum time since the last data frame
	 * @param all {@code true} to close all sessions
	 * @param window the time within which the sessions are closed, each at a random
	 * moment; at once by default
	 * @param code the close code, 1001 by default
	 * @param reason the close reason, empty by default
	 * @return the number of sessions to be closed
	 */
	@DeleteOperation
	public ClosedDescriptor closeMatching(@Nullable String route, @Nullable String pipeline, @Nullable String path,
			@Nullable String principal, @Nullable String address, SessionSelector.@Nullable State state,
			@Nullable Duration minAge, @Nullable Duration minIdle, @Nullable Boolean all, @Nullable Duration window,
			@Nullable Integer code, @Nullable String reason) {
		SessionSelector filter = selector(route, pipeline, path, principal, address, state, minAge, minIdle);
		return closeMatching(SecurityContext.NONE, filter, all, window, code, reason);
	}

	ClosedDescriptor closeMatching(SecurityContext operator, SessionSelector filter, @Nullable Boolean all,
			@Nullable Duration window, @Nullable Integer code, @Nullable String reason) {
		FleetCommand.Close command = closeCommand(filter, all, window, code, reason);
		long closed = forEachMatching(filter, command::carryOut);
		this.audit.recordMatching(operator, OperatorAudit.CLOSED_MATCHING, filter, all, "window", window, "code",
				command.status().code(), "closed", closed);
		return new ClosedDescriptor(closed);
	}

	/** Return a valid command to close all matching sessions. */
	static FleetCommand.Close closeCommand(SessionSelector filter, @Nullable Boolean all, @Nullable Duration window,
			@Nullable Integer code, @Nullable String reason) {
		CloseStatus status = status(code, reason);
		requireCriteria(filter, all);
		try {
			return new FleetCommand.Close(filter, status, window);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	SentDescriptor sendMatching(SecurityContext operator, SessionSelector filter, @Nullable Boolean all, Side side,
			String text) {
		FleetCommand.Send command = sendCommand(filter, all, side, text);
		long sent = forEachMatching(filter, (session) -> session.send(side, TextFrame.of(command.text())));
		this.audit.recordMatching(operator, OperatorAudit.SENT_MATCHING, filter, all, "side", side, "characters",
				text.length(), "sent", sent);
		return new SentDescriptor(sent);
	}

	/** Return a valid command to send text to all matching sessions. */
	static FleetCommand.Send sendCommand(SessionSelector filter, @Nullable Boolean all, Side side, String text) {
		requireCriteria(filter, all);
		requireEncodable("text", text);
		try {
			return new FleetCommand.Send(filter, side, text);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	/** The recipient would get question marks in the place of unpaired surrogates. */
	static void requireEncodable(String name, String text) {
		if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
			throw Problem
				.invalid(name + ": contains an unpaired surrogate (expected: characters that UTF-8 can encode)");
		}
	}

	private long forEachMatching(SessionSelector filter, Consumer<ProxiedSession> action) {
		Predicate<ProxiedSession> wanted = filter.at(Instant.now()).and(ProxiedSession::isOpen);
		LongAdder count = new LongAdder();
		this.registry.stream().filter(wanted).forEach((session) -> {
			action.accept(session);
			count.increment();
		});
		return count.sum();
	}

	/** The state is not enough, because nearly all sessions are open. */
	private static void requireCriteria(SessionSelector filter, @Nullable Boolean all) {
		boolean filtered = !filter.withoutState().isEmpty();
		if (filtered && Boolean.TRUE.equals(all)) {
			throw Problem.invalid("all: true (expected: only without route, pipeline, path, principal, address, "
					+ "minAge and minIdle)");
		}
		if (!filtered && !Boolean.TRUE.equals(all)) {
			throw Problem.invalid("no filter is set (expected: route, pipeline, path, principal, address, minAge or "
					+ "minIdle, or else all=true)");
		}
	}

	/**
	 * Begin or end a drain.
	 * @param draining {@code true} to refuse new sessions and close the live ones,
	 * {@code false} to accept sessions again
	 * @param window the time over which the sessions are closed, each at a random moment;
	 * the configured one by default
	 * @param code the close code that clients get; the configured one by default
	 * @param reason the close reason that clients get; the configured one by default,
	 * unless a code is given
	 * @return the progress of the drain
	 */
	@WriteOperation
	public DrainDescriptor drain(boolean draining, @Nullable Duration window, @Nullable Integer code,
			@Nullable String reason) {
		return drain(SecurityContext.NONE, draining, window, code, reason);
	}

	DrainDescriptor drain(SecurityContext operator, boolean draining, @Nullable Duration window, @Nullable Integer code,
			@Nullable String reason) {
		if (this.drain == null) {
			throw Problem.invalid("draining: " + draining + " (not available because 'ws-policy.enabled' is false)");
		}
		CloseStatus status = drainStatus(draining, window, code, reason);
		if (draining) {
			begin(this.drain, window, status);
			this.audit.record(operator, OperatorAudit.DRAIN_BEGUN, "window", window, "code", code);
		}
		else {
			this.drain.cancel();
			this.audit.record(operator, OperatorAudit.DRAIN_ENDED);
		}
		return DrainDescriptor.of(this.registry);
	}

	/** Return the status for the clients, or {@code null} for the configured one. */
	static @Nullable CloseStatus drainStatus(boolean draining, @Nullable Duration window, @Nullable Integer code,
			@Nullable String reason) {
		if (window != null && !draining) {
			throw Problem.invalid("window: " + window + " (expected: only with draining=true)");
		}
		if ((code != null || reason != null) && !draining) {
			throw Problem
				.invalid("code and reason: " + code + " and " + reason + " (expected: only with draining=true)");
		}
		return (code != null || reason != null) ? status(code, reason) : null;
	}

	private static void begin(Drain drain, @Nullable Duration window, @Nullable CloseStatus status) {
		try {
			drain.begin(window, status);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	/** Join the segments of the path: an id is a single one and contains no slash. */
	static String idOf(String... segments) {
		return String.join("/", segments);
	}

	static CloseStatus status(@Nullable Integer code, @Nullable String reason) {
		requireEncodable("reason", (reason != null) ? reason : "");
		int number = (code != null) ? code : CloseStatus.GOING_AWAY.code();
		try {
			return CloseStatus.of(number, (reason != null) ? reason : "");
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * The outcome of an operation on one session.
	 */
	public enum Outcome {

		/**
		 * The operation was carried out.
		 */
		DONE,

		/**
		 * There is no live session with this id.
		 */
		NOT_FOUND,

		/**
		 * The session is closing and sends no more messages.
		 */
		CLOSING

	}

	/**
	 * The outcome of an operation on one session, as an object because JMX requires one.
	 *
	 * @param outcome the outcome
	 */
	public record OutcomeDescriptor(Outcome outcome) implements OperationResponseBody {

	}

	/**
	 * The number of sessions to be closed.
	 *
	 * @param closed the number
	 */
	public record ClosedDescriptor(long closed) implements OperationResponseBody {

	}

	/**
	 * The number of sessions that a text was sent to.
	 *
	 * @param sent the number
	 */
	public record SentDescriptor(long sent) implements OperationResponseBody {

	}

}
