package dev.wspolicy.test;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;

/**
 * A client of a gateway on a real socket, before it is connected. Belongs to a
 * {@link WebSocketUpstream}, which closes its connections after the test.
 */
public final class SocketClient {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final URI uri;

	private final Consumer<SocketPeer> onOpen;

	private final HttpHeaders headers = new DefaultHttpHeaders();

	private @Nullable String subprotocols;

	SocketClient(URI uri, Consumer<SocketPeer> onOpen) {
		this.uri = uri;
		this.onOpen = onOpen;
	}

	/**
	 * Adds a header to the request.
	 * @param name the name of the header
	 * @param value its value
	 * @return this client
	 */
	public SocketClient header(String name, String value) {
		this.headers.add(name, value);
		return this;
	}

	/**
	 * Sets the subprotocols that the client offers.
	 * @param names the names, in the order of preference
	 * @return this client
	 */
	public SocketClient subprotocols(String... names) {
		this.subprotocols = String.join(",", names);
		return this;
	}

	/**
	 * Connects, and waits for the response for at most 10 seconds.
	 * @return the client's end of the connection
	 * @throws AssertionError if the response is not a 101, or if there is none
	 */
	public SocketPeer open() {
		try {
			return connect().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			HttpResponse response = response(ex.getCause());
			throw new AssertionError("Expected " + this.uri + " to accept the client, but "
					+ ((response != null) ? "it has answered with " + response.status().code() : ex.getCause()) + ".",
					ex.getCause());
		}
		catch (TimeoutException ex) {
			throw unanswered(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw unanswered(ex);
		}
	}

	/**
	 * Connects, and expects that it is refused within 10 seconds.
	 * @param status the status of the response
	 */
	public void expectRefused(int status) {
		String actual;
		try {
			connect().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
			actual = "it has accepted the client";
		}
		catch (ExecutionException ex) {
			HttpResponse response = response(ex.getCause());
			if (response != null && response.status().code() == status) {
				return;
			}
			actual = (response != null) ? "it has answered with " + response.status().code()
					: String.valueOf(ex.getCause());
		}
		catch (TimeoutException ex) {
			throw unanswered(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw unanswered(ex);
		}
		throw new AssertionError("Expected " + this.uri + " to answer with " + status + ", but " + actual + ".");
	}

	private AssertionError unanswered(Exception cause) {
		return new AssertionError("Expected " + this.uri + " to answer, but it has not.", cause);
	}

	private static @Nullable HttpResponse response(@Nullable Throwable failure) {
		return (failure instanceof WebSocketClientHandshakeException refused) ? refused.response() : null;
	}

	private CompletableFuture<SocketPeer> connect() {
		CompletableFuture<SocketPeer> opened = new CompletableFuture<>();
		WebsocketClientSpec.Builder spec = WebsocketClientSpec.builder().maxFramePayloadLength(Integer.MAX_VALUE);
		String names = this.subprotocols;
		HttpClient.newConnection()
			.headers((headers) -> headers.add(this.headers))
			.websocket(((names != null) ? spec.protocols(names) : spec).build())
			.uri(this.uri)
			.handle((in, out) -> {
				SocketPeer peer = SocketPeer.open("client", in.headers().copy(), in);
				this.onOpen.accept(peer);
				opened.complete(peer);
				return peer.play(in, out);
			})
			.subscribe((nothing) -> {
			}, opened::completeExceptionally);
		return opened;
	}

}
