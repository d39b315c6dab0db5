package dev.wspolicy.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;

import dev.wspolicy.netty.UpstreamHandshake;
import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.Compression;

/**
 * Dials upstreams for WebSocket sessions: each on a connection of its own, over HTTP/1.1,
 * on the event loop of the client's leg.
 */
public final class UpstreamDialer {

	private final HttpClient httpClient;

	/**
	 * A dialer.
	 * @param httpClient configured as Gateway's own client is, and without a pool: a
	 * session must not take a connection away from HTTP requests
	 */
	public UpstreamDialer(HttpClient httpClient) {
		this.httpClient = httpClient.disableRetry(true);
	}

	/**
	 * Dial.
	 * @param uri where to, {@code ws} or {@code wss}
	 * @param headers headers of the request, those of the handshake left out
	 * @param subprotocols the subprotocols to offer
	 * @param compression whether to offer compression
	 * @param loop the event loop on which the connection is to live
	 * @param timeout how long the upstream may take to answer
	 * @return what the upstream answers; a cancelled or timed out dial leaves no
	 * connection behind
	 */
	Mono<Answer> dial(URI uri, HttpHeaders headers, List<String> subprotocols, Compression compression, EventLoop loop,
			Duration timeout) {
		return Mono.<Answer>create((sink) -> {
			Disposable.Swap dial = Disposables.swap();
			UpstreamHandshake handshake = new UpstreamHandshake(subprotocols, compression,
					(leg) -> sink.success(new Open(leg)), (failure) -> {
						// Given up already, the dial ends with a connection that is
						// closed.
						if (!dial.isDisposed()) {
							dial.dispose();
							sink.error(failure);
						}
					});
			sink.onCancel(dial);
			dial.replace(request(uri, headers, loop, handshake)
				.responseConnection((response, connection) -> Mono.just(new Refused(response, connection)))
				.subscribe(sink::success, sink::error));
		})
			.doOnDiscard(Answer.class, Answer::discard)
			.timeout(timeout, Mono.error(() -> new TimeoutException("no answer within " + timeout.toMillis() + " ms")),
					Schedulers.fromExecutorService(loop));
	}

	private HttpClient.ResponseReceiver<?> request(URI uri, HttpHeaders headers, EventLoop loop,
			UpstreamHandshake handshake) {
		return client(uri, handshake).runOn(loop).headers((target) -> {
			headers.forEach((name, values) -> {
				if (!HandshakeRules.isHandshakeHeader(name)) {
					target.add(name, values);
				}
			});
			// An upgrade request has no body (RFC 6455, section 4.1).
			target.remove(HttpHeaderNames.CONTENT_LENGTH);
			handshake.writeTo(target);
		})
			.doOnRequest((HttpClientRequest request, Connection connection) -> handshake.awaitOn(connection.channel()))
			.request(HttpMethod.GET)
			.uri(toHttp(uri));
	}

	/** Without TLS nothing fails between the connection and the request. */
	private HttpClient client(URI uri, UpstreamHandshake handshake) {
		return isSecure(uri)
				? this.httpClient.doOnChannelInit((observer, channel, address) -> handshake.connectOn(channel))
				: this.httpClient;
	}

	private static String toHttp(URI uri) {
		return (isSecure(uri) ? "https" : "http") + uri.toASCIIString().substring(uri.getScheme().length());
	}

	private static boolean isSecure(URI uri) {
		return "wss".equalsIgnoreCase(uri.getScheme());
	}

	/**
	 * How an upstream has answered.
	 */
	sealed interface Answer {

		/**
		 * Leave no connection behind.
		 */
		void discard();

	}

	/**
	 * With a valid 101.
	 *
	 * @param leg the leg, waiting for its session
	 */
	record Open(UpstreamLeg leg) implements Answer {

		@Override
		public void discard() {
			this.leg.discard();
		}

	}

	/**
	 * With anything else, whose body is still to be read.
	 *
	 * @param response the head of the answer
	 * @param connection where the body comes from
	 */
	record Refused(HttpClientResponse response, Connection connection) implements Answer {

		@Override
		public void discard() {
			this.connection.dispose();
		}

	}

}
