package dev.wspolicy.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpMethod;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;

import dev.wspolicy.netty.LoopTimer;
import dev.wspolicy.netty.UpstreamHandshake;
import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.Compression;

/**
 * Dials upstreams of WebSocket sessions. Each session gets a connection of its own, which
 * uses HTTP/1.1 and the event loop of the client leg.
 */
public final class UpstreamDialer {

	private final HttpClient httpClient;

	/**
	 * Creates a dialer that uses the given client.
	 * @param httpClient a client that is configured as Gateway's own, but without a
	 * connection pool: a session must not occupy a pooled connection
	 */
	public UpstreamDialer(HttpClient httpClient) {
		this.httpClient = httpClient.disableRetry(true);
	}

	/**
	 * Dial an upstream.
	 * @param uri the URI of the upstream, with the scheme {@code ws} or {@code wss}
	 * @param headers the request headers; of the handshake headers only the subprotocols
	 * are used, and offered to the upstream
	 * @param compression whether to offer permessage-deflate
	 * @param loop the event loop of the connection
	 * @param timeout how long the upstream may take to respond, and then how long an open
	 * leg may wait for its session to start
	 * @return the response of the upstream; no connection is left open if the dial is
	 * cancelled or times out
	 */
	Mono<Answer> dial(URI uri, HttpHeaders headers, Compression compression, EventLoop loop, Duration timeout) {
		return Mono.<Answer>create((sink) -> {
			Disposable.Swap dial = Disposables.swap();
			UpstreamHandshake handshake = new UpstreamHandshake(HandshakeRules.subprotocols(headers), compression,
					timeout, (leg) -> sink.success(new Open(leg)), (failure) -> {
						// A dial that was given up also ends in a closed connection.
						if (!dial.isDisposed()) {
							dial.dispose();
							sink.error(failure);
						}
					});
			sink.onCancel(dial);
			// A native transport finds connections by their file descriptors. In the turn
			// that reads the request, another connection may have been closed, whose
			// descriptor a new one would get, along with events of the old one.
			loop.execute(() -> {
				if (!dial.isDisposed()) {
					// An invalid header is rejected while the request is assembled.
					dial.replace(Flux
						.defer(() -> request(uri, headers, loop, handshake)
							.responseConnection((response, connection) -> Mono.just(new Refused(response, connection))))
						.subscribe(sink::success, sink::error));
				}
			});
		})
			.doOnDiscard(Answer.class, Answer::discard)
			.timeout(expiry(timeout, loop),
					Mono.error(() -> new TimeoutException("no response within " + timeout.toMillis() + " ms")));
	}

	/**
	 * Return a timer of an event loop that reads first what has come in time.
	 */
	static Mono<Boolean> expiry(Duration timeout, EventLoop loop) {
		return Mono.create((sink) -> {
			LoopTimer timer = LoopTimer.start(loop, timeout, () -> sink.success(true));
			sink.onDispose(timer::cancel);
		});
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
			target.remove(HttpHeaderNames.TRANSFER_ENCODING);
			handshake.writeTo(target);
			requireValidValues(target);
		})
			.doOnRequest((HttpClientRequest request, Connection connection) -> handshake.awaitOn(connection.channel()))
			.request(HttpMethod.GET)
			.uri(toHttp(uri));
	}

	/**
	 * The headers of Reactor Netty's client validate names only. A filter may have taken
	 * a value from the path, where the client can encode a line break, and with it
	 * headers of its own.
	 */
	private static void requireValidValues(io.netty.handler.codec.http.HttpHeaders headers) {
		headers.iteratorCharSequence().forEachRemaining((header) -> {
			if (HttpHeaderValidationUtil.validateValidHeaderValue(header.getValue()) >= 0) {
				throw new IllegalArgumentException(
						"the value of the request header '" + header.getKey() + "' contains control characters");
			}
		});
	}

	/** Without TLS, nothing can fail between the connection and the request. */
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
	 * The response of an upstream.
	 */
	sealed interface Answer {

		/**
		 * Close the connection.
		 */
		void discard();

	}

	/**
	 * A valid 101.
	 *
	 * @param leg the open leg, which waits for its session to start
	 */
	record Open(UpstreamLeg leg) implements Answer {

		@Override
		public void discard() {
			this.leg.discard();
		}

	}

	/**
	 * Any other response, whose body has not been read yet.
	 *
	 * @param response the head of the response
	 * @param connection the connection that the body arrives on
	 */
	record Refused(HttpClientResponse response, Connection connection) implements Answer {

		@Override
		public void discard() {
			this.connection.dispose();
		}

	}

}
