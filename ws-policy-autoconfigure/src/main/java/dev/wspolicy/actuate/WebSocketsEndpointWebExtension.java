package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

import dev.wspolicy.session.Side;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the {@link WebSocketsEndpoint}:
 * shows values to those who may see them, and answers mistakes with a status and a
 * message.
 */
@EndpointWebExtension(endpoint = WebSocketsEndpoint.class)
public class WebSocketsEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final WebSocketsEndpoint delegate;

	private final Show showValues;

	private final Set<String> roles;

	/**
	 * An extension.
	 * @param delegate what it extends
	 * @param showValues when values of headers, query parameters and attributes are shown
	 * @param roles who is authorized to see them; empty for all who are authenticated
	 */
	public WebSocketsEndpointWebExtension(WebSocketsEndpoint delegate, Show showValues, Set<String> roles) {
		this.delegate = delegate;
		this.showValues = showValues;
		this.roles = roles;
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
	 * @return 200 with the page, or 400
	 */
	@ReadOperation
	public WebEndpointResponse<Object> sessions(@Nullable String route, @Nullable String principal,
			@Nullable String address, @Nullable Duration minAge, @Nullable Duration minIdle, @Nullable String after,
			@Nullable Integer limit) {
		return answer(() -> ok(this.delegate.sessions(route, principal, address, minAge, minIdle, after, limit)));
	}

	/**
	 * One session.
	 * @param securityContext who asks
	 * @param id its id
	 * @return 200 with the session, or 404
	 */
	@ReadOperation
	public WebEndpointResponse<Object> session(SecurityContext securityContext, @Selector String id) {
		SessionDescriptor session = this.delegate.session(id, this.showValues.isShown(securityContext, this.roles));
		return (session != null) ? ok(session) : notFound();
	}

	/**
	 * Send a text to one side of a session, past all policies.
	 * @param securityContext who asks
	 * @param id its id
	 * @param side who gets it
	 * @param text the text
	 * @return 204, 404 or 409
	 */
	@WriteOperation
	public WebEndpointResponse<Object> send(SecurityContext securityContext, @Selector String id, Side side,
			String text) {
		return answer(() -> of(this.delegate.send(securityContext, id, side, text)));
	}

	/**
	 * Close a session, both legs with the same status.
	 * @param securityContext who asks
	 * @param id its id
	 * @param code the status code; 1001 if there is none
	 * @param reason the reason
	 * @return 204, 400 or 404
	 */
	@DeleteOperation
	public WebEndpointResponse<Object> close(SecurityContext securityContext, @Selector String id,
			@Nullable Integer code, @Nullable String reason) {
		return answer(() -> of(this.delegate.close(securityContext, id, code, reason)));
	}

	/**
	 * Close all sessions that match. Without any filter there must be {@code all}.
	 * @param securityContext who asks
	 * @param route the id of the route
	 * @param principal the name of the principal
	 * @param address the client's address, without its port
	 * @param minAge how long the session has lived, at least
	 * @param minIdle how long no data frame has come, at least
	 * @param all {@code true} to close all sessions
	 * @param code the status code; 1001 if there is none
	 * @param reason the reason
	 * @return 200 with their number, or 400
	 */
	@DeleteOperation
	public WebEndpointResponse<Object> closeMatching(SecurityContext securityContext, @Nullable String route,
			@Nullable String principal, @Nullable String address, @Nullable Duration minAge, @Nullable Duration minIdle,
			@Nullable Boolean all, @Nullable Integer code, @Nullable String reason) {
		return answer(() -> ok(this.delegate.closeMatching(securityContext,
				new SessionFilter(route, principal, address, minAge, minIdle), all, code, reason)));
	}

	/**
	 * Begin to drain, or let sessions open again.
	 * @param securityContext who asks
	 * @param draining {@code true} to refuse new sessions and end those that live,
	 * {@code false} to let sessions open again
	 * @param window over how long the sessions are ended, each at a random moment; as
	 * configured if there is none
	 * @return 200 with the progress, or 400
	 */
	@WriteOperation
	public WebEndpointResponse<Object> drain(SecurityContext securityContext, boolean draining,
			@Nullable Duration window) {
		return answer(() -> ok(this.delegate.drain(securityContext, draining, window)));
	}

	private static WebEndpointResponse<Object> answer(Supplier<WebEndpointResponse<Object>> operation) {
		try {
			return operation.get();
		}
		catch (InvalidEndpointRequestException ex) {
			return new WebEndpointResponse<>(Problem.of(ex), WebEndpointResponse.STATUS_BAD_REQUEST);
		}
	}

	private static WebEndpointResponse<Object> of(WebSocketsEndpoint.Outcome outcome) {
		return switch (outcome) {
			case DONE -> new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
			case NOT_FOUND -> notFound();
			case CLOSING -> new WebEndpointResponse<>(new Problem("the session is closing"), CONFLICT);
		};
	}

	private static WebEndpointResponse<Object> ok(Object body) {
		return new WebEndpointResponse<>(body);
	}

	private static WebEndpointResponse<Object> notFound() {
		return new WebEndpointResponse<>(new Problem("no such session"), WebEndpointResponse.STATUS_NOT_FOUND);
	}

}
