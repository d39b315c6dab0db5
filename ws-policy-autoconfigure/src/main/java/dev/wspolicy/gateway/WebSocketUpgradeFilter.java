package dev.wspolicy.gateway;

import java.util.List;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.session.ProxiedSession;

/**
 * Sends the 101 to the client and starts the session after {@link WsPolicyRoutingFilter}
 * has reached the upstream. It is ordered where Gateway writes HTTP responses, so that
 * the filters of the route can inspect and modify the response as usual.
 */
public class WebSocketUpgradeFilter implements GlobalFilter, Ordered {

	private static final Log logger = LogFactory.getLog(WebSocketUpgradeFilter.class);

	private final SessionLauncher launcher;

	private final RouteChangeListener routeChanges;

	/**
	 * Creates a filter that starts sessions with the given launcher.
	 * @param launcher the launcher
	 * @param routeChanges the changes of routes while an upgrade is processed
	 */
	public WebSocketUpgradeFilter(SessionLauncher launcher, RouteChangeListener routeChanges) {
		this.launcher = launcher;
		this.routeChanges = routeChanges;
	}

	@Override
	public int getOrder() {
		return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		Mono<Void> answered = chain.filter(exchange).then(Mono.defer(() -> {
			PendingSession pending = PendingSession.takeFrom(exchange);
			return (pending != null) ? upgrade(exchange, pending) : UpgradeRejection.writeBody(exchange);
		}));
		if (HandshakeRules.isWebSocketUpgrade(exchange.getRequest())) {
			// Without a timeout, a filter that never completes would keep both
			// connections open.
			answered = answered.timeout(PendingSession.overdue(exchange), Mono.defer(() -> timeOut(exchange)));
		}
		return answered.doFinally((signal) -> {
			PendingSession pending = PendingSession.takeFrom(exchange);
			if (pending != null) {
				// A filter has failed, or the client has disconnected.
				pending.discard();
			}
			Admissions.endFor(exchange);
		});
	}

	private static Mono<Void> timeOut(ServerWebExchange exchange) {
		Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
		logger.warn("Route '" + ((route != null) ? route.getId() : "")
				+ "': its filters have held back the upstream's 101 for longer than the handshake-timeout");
		if (exchange.getResponse().isCommitted()) {
			// A commit action does not complete, so no other response can be sent.
			WsPolicyRoutingFilter.clientChannel(exchange).close();
		}
		return Mono.error(new ResponseStatusException(HttpStatus.GATEWAY_TIMEOUT,
				"The filters of the route have not let the upstream's 101 through in time"));
	}

	private Mono<Void> upgrade(ServerWebExchange exchange, PendingSession pending) {
		ServerHttpResponse response = exchange.getResponse();
		if (response.isCommitted()) {
			// A filter has already sent another response.
			pending.discard();
			return Mono.empty();
		}
		if (!isSwitchingProtocols(response)) {
			// A filter has replaced the 101 by another status.
			pending.discard();
			response.getHeaders().remove(HttpHeaders.UPGRADE);
			response.getHeaders().remove(HttpHeaders.CONNECTION);
			return Mono.empty();
		}
		response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
		HttpServerResponse nativeResponse = ServerHttpResponseDecorator.getNativeResponse(response);
		// Runs the commit actions and sets the headers. The 101 itself is sent below.
		return response.setComplete().then(Mono.defer(() -> {
			if (!isSwitchingProtocols(response)) {
				// A commit action has replaced the 101. The server sends this response at
				// the end of the exchange.
				pending.discard();
				nativeResponse.responseHeaders().remove(HttpHeaderNames.UPGRADE).remove(HttpHeaderNames.CONNECTION);
				return Mono.empty();
			}
			Mono<Void> sent = Mono.defer(() -> sendSwitchingProtocols(exchange, nativeResponse, pending));
			EventLoop loop = pending.upstream().channel().eventLoop();
			// A filter may have switched threads.
			return loop.inEventLoop() ? sent : sent.subscribeOn(Schedulers.fromExecutor(loop));
		})).doOnError((ex) -> pending.discard()).doOnCancel(pending::discard);
	}

	private static boolean isSwitchingProtocols(ServerHttpResponse response) {
		HttpStatusCode status = response.getStatusCode();
		return status != null && status.value() == HttpStatus.SWITCHING_PROTOCOLS.value();
	}

	private Mono<Void> sendSwitchingProtocols(ServerWebExchange exchange, HttpServerResponse response,
			PendingSession pending) {
		writeSubprotocol(exchange.getRequest(), response, pending.upstream().subprotocol());
		PerMessageDeflate deflate = PerMessageDeflate.accept(HandshakeRules.extensions(exchange.getRequest()),
				pending.pipeline().settings().wireOptions().compression());
		// Remove what a filter may have set: only the extension negotiated here is in
		// effect.
		response.responseHeaders().remove(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
		if (deflate != null) {
			response.header(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, deflate.answer());
		}
		if (ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest()) instanceof HttpServerRequest request) {
			// Reactor Netty does not accept a list of protocols.
			request.requestHeaders().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
		}
		return response.sendWebsocket((inbound, outbound) -> {
			Admissions admissions = Admissions.of(exchange);
			boolean followed = admissions != null && admissions.hasAny();
			Admission admission = admission(pending, followed ? admissions : null);
			inbound.withConnection((connection) -> {
				ProxiedSession session = this.launcher.launch(connection.channel(), deflate, pending.upstream(),
						pending.upgrade(), pending.pipeline(), pending.successor(), admission);
				closeIfRouteHasChanged(exchange, session);
			});
			// Only after the launch: if it fails, there is no session that would end
			// them.
			if (followed) {
				Admissions.detachFrom(exchange);
			}
			// The relay owns the channel now. Completing this publisher would close it.
			return Mono.never();
		});
	}

	private void closeIfRouteHasChanged(ServerWebExchange exchange, ProxiedSession session) {
		IncomingUpgrade incoming = IncomingUpgrade.of(exchange);
		RouteChange arrival = (incoming != null) ? incoming.arrival() : null;
		if (arrival != null) {
			this.routeChanges.onRegistered(session, arrival);
		}
	}

	/**
	 * Sets the subprotocol of the 101. A filter may set another one than the upstream
	 * selected, and may have offered the upstream a subprotocol that the client did not
	 * offer; the client only gets one that it offered. Reactor Netty's own negotiation is
	 * not used because it reads only the first {@code Sec-WebSocket-Protocol} header.
	 */
	private static void writeSubprotocol(ServerHttpRequest request, HttpServerResponse response,
			@Nullable String chosen) {
		List<String> byFilter = response.responseHeaders().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
		response.responseHeaders().remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
		String subprotocol = (byFilter.size() == 1) ? byFilter.get(0) : chosen;
		if (subprotocol != null && HandshakeRules.isOffered(request, subprotocol)) {
			response.header(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
		}
	}

	private static @Nullable Admission admission(PendingSession pending, @Nullable Admissions admissions) {
		if (admissions == null) {
			return pending.hasCompletions() ? pending::complete : null;
		}
		return new Admission() {

			@Override
			public void onOpen(ProxiedSession session) {
				admissions.onOpen(session);
			}

			@Override
			public void onPrincipal(ProxiedSession session) {
				admissions.onPrincipal(session);
			}

			@Override
			public void onEnd() {
				admissions.onEnd();
				pending.complete();
			}

		};
	}

}
