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
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.session.Side;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the {@link WebSocketsEndpoint}
 * that shows values to authorized users and responds to invalid requests with a status
 * and a message.
 */
@EndpointWebExtension(endpoint = WebSocketsEndpoint.class)
public class WebSocketsEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final WebSocketsEndpoint delegate;

	private final Show showValues;

	private final Set<String> roles;

	private final FleetOperations fleet;

	/**
	 * Creates an extension.
	 * @param delegate the endpoint to extend
	 * @param fleet the operations that concern all gateways
	 * @param showValues when values of headers, query parameters and attributes are shown
	 * @param roles the roles that are authorized to see values; empty for all
	 * authenticated users
	 */
	public WebSocketsEndpointWebExtension(WebSocketsEndpoint delegate, FleetOperations fleet, Show showValues,
			Set<String> roles) {
		this.delegate = delegate;
		this.fleet = fleet;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Return a page of the matching sessions, oldest first.
	 * @param securityContext the security context of the request
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
	 * @param fleet {@code true} for the sessions of all gateways
	 * @return 200 with the page, or 400
	 */
	@ReadOperation
	public Mono<WebEndpointResponse<Object>> sessions(SecurityContext securityContext, @Nullable String route,
			@Nullable String pipeline, @Nullable String path, @Nullable String principal, @Nullable String address,
			SessionSelector.@Nullable State state, @Nullable Duration minAge, @Nullable Duration minIdle,
			@Nullable String after, @Nullable Integer limit, @Nullable Integer recent, @Nullable Boolean fleet) {
		boolean shown = this.showValues.isShown(securityContext, this.roles);
		return reactive(() -> {
			SessionSelector selector = WebSocketsEndpoint.selector(route, pipeline, path, principal, address, state,
					minAge, minIdle);
			return this.fleet.isMeant(fleet)
					? this.fleet.sessions(selector, after, limit,
							this.delegate.sessions(selector, after, 1, recent, shown))
					: Mono.just(ok(this.delegate.sessions(selector, after, limit, recent, shown)));
		});
	}

	/**
	 * Return one session.
	 * @param securityContext the security context of the request
	 * @param id its id
	 * @param fleet {@code true} to find it on any gateway, with fewer details
	 * @return 200 with the session, or 404
	 */
	@ReadOperation
	public Mono<WebEndpointResponse<Object>> session(SecurityContext securityContext,
			@Selector(match = Match.ALL_REMAINING) String[] id, @Nullable Boolean fleet) {
		if (this.fleet.isMeant(fleet)) {
			return reactive(() -> this.fleet.session(WebSocketsEndpoint.idOf(id)));
		}
		return answer(() -> {
			SessionDescriptor session = this.delegate.session(WebSocketsEndpoint.idOf(id),
					this.showValues.isShown(securityContext, this.roles));
			return (session != null) ? ok(session) : notFound();
		});
	}

	/**
	 * Send text to one side of a session, bypassing all policies.
	 * @param securityContext the security context of the request
	 * @param id the id of the session
	 * @param side the recipient
	 * @param text the text
	 * @param fleet {@code true} if any gateway may relay it
	 * @return 204, 404 or 409; 200 or 404 with {@code fleet}
	 */
	@WriteOperation
	public Mono<WebEndpointResponse<Object>> send(SecurityContext securityContext,
			@Selector(match = Match.ALL_REMAINING) String[] id, Side side, String text, @Nullable Boolean fleet) {
		if (this.fleet.isMeant(fleet)) {
			return reactive(() -> this.fleet.send(securityContext, WebSocketsEndpoint.idOf(id), side, text));
		}
		return answer(() -> of(this.delegate.send(securityContext, WebSocketsEndpoint.idOf(id), side, text)));
	}

	/**
	 * Close a session, with the same status on both legs.
	 * @param securityContext the security context of the request
	 * @param id the id of the session
	 * @param code the close code, 1001 by default
	 * @param reason the close reason, empty by default
	 * @param fleet {@code true} if any gateway may relay it
	 * @return 204, 400 or 404; 200 instead of 204 with {@code fleet}
	 */
	@DeleteOperation
	public Mono<WebEndpointResponse<Object>> close(SecurityContext securityContext,
			@Selector(match = Match.ALL_REMAINING) String[] id, @Nullable Integer code, @Nullable String reason,
			@Nullable Boolean fleet) {
		if (this.fleet.isMeant(fleet)) {
			return reactive(() -> this.fleet.close(securityContext, WebSocketsEndpoint.idOf(id),
					WebSocketsEndpoint.status(code, reason)));
		}
		return answer(() -> of(this.delegate.close(securityContext, WebSocketsEndpoint.idOf(id), code, reason)));
	}

	/**
	 * Close all matching sessions. Requires either a filter or {@code all}.
	 * @param securityContext the security context of the request
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
	 * @param fleet {@code true} for the sessions of all gateways
	 * @return 200 with the number of sessions, or 400
	 */
	@DeleteOperation
	public Mono<WebEndpointResponse<Object>> closeMatching(SecurityContext securityContext, @Nullable String route,
			@Nullable String pipeline, @Nullable String path, @Nullable String principal, @Nullable String address,
			SessionSelector.@Nullable State state, @Nullable Duration minAge, @Nullable Duration minIdle,
			@Nullable Boolean all, @Nullable Duration window, @Nullable Integer code, @Nullable String reason,
			@Nullable Boolean fleet) {
		return reactive(() -> {
			SessionSelector selector = WebSocketsEndpoint.selector(route, pipeline, path, principal, address, state,
					minAge, minIdle);
			return this.fleet.isMeant(fleet)
					? this.fleet.closeMatching(securityContext, selector, all, window, code, reason)
					: Mono.just(ok(this.delegate.closeMatching(securityContext, selector, all, window, code, reason)));
		});
	}

	/**
	 * Begin or end a drain, or send text to all matching sessions. One operation, because
	 * an endpoint has one for each method and path.
	 * @param securityContext the security context of the request
	 * @param draining {@code true} to refuse new sessions and close the live ones,
	 * {@code false} to accept sessions again, {@code null} to send text
	 * @param window the time over which the sessions are closed, each at a random moment;
	 * the configured one by default
	 * @param code the close code that clients get; the configured one by default
	 * @param reason the close reason that clients get; the configured one by default,
	 * unless a code is given
	 * @param gateway the name of the gateway; this one by default
	 * @param side the recipient of the text
	 * @param text the text
	 * @param route the id of the route
	 * @param pipeline the name of the pipeline
	 * @param path the requested path, without the query; {@code *} stands for any
	 * characters
	 * @param principal the name of the principal
	 * @param address the address of the client, without the port
	 * @param state whether the session is open or closing
	 * @param minAge the minimum time since the session was opened
	 * @param minIdle the minimum time since the last data frame
	 * @param all {@code true} to send the text to all sessions
	 * @param fleet {@code true} to send the text to the sessions of all gateways
	 * @return 200 with the progress of the drain or the number of sessions, or 400; with
	 * {@code gateway} also 404, or 504 if it does not answer
	 */
	@WriteOperation
	public Mono<WebEndpointResponse<Object>> drainOrSend(SecurityContext securityContext, @Nullable Boolean draining,
			@Nullable Duration window, @Nullable Integer code, @Nullable String reason, @Nullable String gateway,
			@Nullable Side side, @Nullable String text, @Nullable String route, @Nullable String pipeline,
			@Nullable String path, @Nullable String principal, @Nullable String address,
			SessionSelector.@Nullable State state, @Nullable Duration minAge, @Nullable Duration minIdle,
			@Nullable Boolean all, @Nullable Boolean fleet) {
		return reactive(() -> {
			SessionSelector selector = WebSocketsEndpoint.selector(route, pipeline, path, principal, address, state,
					minAge, minIdle);
			if (draining != null && side == null && text == null && selector.isEmpty() && all == null
					&& fleet == null) {
				return drain(securityContext, draining, window, code, reason, gateway);
			}
			if (side != null && text != null && draining == null && window == null && code == null && reason == null
					&& gateway == null) {
				return sendMatching(securityContext, selector, all, side, text, fleet);
			}
			throw Problem.invalid("expected: either draining, with window, code, reason and gateway, or side and "
					+ "text, with a filter or all, and fleet");
		});
	}

	private Mono<WebEndpointResponse<Object>> drain(SecurityContext securityContext, boolean draining,
			@Nullable Duration window, @Nullable Integer code, @Nullable String reason, @Nullable String gateway) {
		if (gateway != null) {
			return this.fleet.drain(securityContext, gateway, draining, window,
					WebSocketsEndpoint.drainStatus(draining, window, code, reason));
		}
		return Mono.just(ok(this.delegate.drain(securityContext, draining, window, code, reason)));
	}

	private Mono<WebEndpointResponse<Object>> sendMatching(SecurityContext securityContext, SessionSelector selector,
			@Nullable Boolean all, Side side, String text, @Nullable Boolean fleet) {
		if (this.fleet.isMeant(fleet)) {
			return this.fleet.sendMatching(securityContext, selector, all, side, text);
		}
		return Mono.just(ok(this.delegate.sendMatching(securityContext, selector, all, side, text)));
	}

	/** Looks at many sessions on a thread that may take its time. */
	private static Mono<WebEndpointResponse<Object>> answer(Supplier<WebEndpointResponse<Object>> operation) {
		return reactive(() -> Mono.fromSupplier(operation));
	}

	private static Mono<WebEndpointResponse<Object>> reactive(Supplier<Mono<WebEndpointResponse<Object>>> operation) {
		return Mono.defer(operation)
			.onErrorResume(InvalidEndpointRequestException.class,
					(ex) -> Mono
						.just(new WebEndpointResponse<>(Problem.of(ex), WebEndpointResponse.STATUS_BAD_REQUEST)))
			.subscribeOn(Schedulers.boundedElastic());
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
