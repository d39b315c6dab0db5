package dev.wspolicy.gateway;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;

import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.netty.SessionLauncher;

/**
 * Gives the client its 101 and starts the session, where {@link WsPolicyRoutingFilter}
 * has found an upstream. Stands where Gateway writes HTTP responses, so that the filters
 * of a route see and change the answer in between as they do with any other.
 */
public class WebSocketUpgradeFilter implements GlobalFilter, Ordered {

	private final SessionLauncher launcher;

	/**
	 * A filter.
	 * @param launcher starts the sessions
	 */
	public WebSocketUpgradeFilter(SessionLauncher launcher) {
		this.launcher = launcher;
	}

	@Override
	public int getOrder() {
		return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		return chain.filter(exchange).then(Mono.defer(() -> {
			PendingSession pending = PendingSession.takeFrom(exchange);
			return (pending != null) ? upgrade(exchange, pending) : Mono.empty();
		})).doFinally((signal) -> {
			PendingSession pending = PendingSession.takeFrom(exchange);
			if (pending != null) {
				// A filter has failed, or the client has gone.
				pending.upstream().discard();
			}
			UpgradeHolds.releaseFrom(exchange);
		});
	}

	private Mono<Void> upgrade(ServerWebExchange exchange, PendingSession pending) {
		ServerHttpResponse response = exchange.getResponse();
		if (response.isCommitted()) {
			// Some filter has given another answer.
			pending.upstream().discard();
			return Mono.empty();
		}
		response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
		HttpServerResponse nativeResponse = ServerHttpResponseDecorator.getNativeResponse(response);
		// Runs what wants to run before the commit, and sets the headers; the 101 is sent
		// below.
		return response.setComplete().then(Mono.defer(() -> {
			Mono<Void> sent = Mono.defer(() -> sendSwitch(exchange, nativeResponse, pending));
			EventLoop loop = pending.upstream().channel().eventLoop();
			// A filter may have gone on with another thread.
			return loop.inEventLoop() ? sent : sent.subscribeOn(Schedulers.fromExecutor(loop));
		})).doOnError((ex) -> pending.upstream().discard()).doOnCancel(pending.upstream()::discard);
	}

	private Mono<Void> sendSwitch(ServerWebExchange exchange, HttpServerResponse response, PendingSession pending) {
		String subprotocol = pending.upstream().subprotocol();
		if (subprotocol != null) {
			// Not left to the server: it would read the first of the client's headers
			// only.
			response.header(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
		}
		PerMessageDeflate deflate = PerMessageDeflate.accept(
				HandshakeRules.extensions(exchange.getRequest().getHeaders()),
				pending.pipeline().framing().compression());
		// Whatever a filter has put there: nobody else has agreed upon anything.
		response.responseHeaders().remove(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
		if (deflate != null) {
			response.header(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, deflate.answer());
		}
		return response.sendWebsocket((inbound, outbound) -> {
			UpgradeHolds holds = UpgradeHolds.of(exchange);
			boolean held = holds != null && holds.isAny();
			Runnable over = (holds != null && held) ? holds::release : null;
			inbound.withConnection((connection) -> this.launcher.launch(connection.channel(), deflate,
					pending.upstream(), pending.upgrade(), pending.pipeline(), pending.successor(), over));
			// Not before: if the launch fails, there is no session that would release
			// them.
			if (held) {
				UpgradeHolds.takeFrom(exchange);
			}
			// The channel is the relay's now; to end here would have it closed.
			return Mono.never();
		});
	}

}
