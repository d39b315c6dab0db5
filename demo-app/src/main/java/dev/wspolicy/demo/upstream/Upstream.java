package dev.wspolicy.demo.upstream;

import java.time.Duration;
import java.util.List;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.reactivestreams.Publisher;
import org.springframework.boot.web.server.PortInUseException;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.resources.LoopResources;

/**
 * The upstream server: {@code /echo} and {@code /chat?user=name}.
 */
final class Upstream implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Upstream.class);

	private static final int MAX_MESSAGE = 1024 * 1024;

	private static final WebsocketServerSpec SPEC = WebsocketServerSpec.builder()
		.maxFramePayloadLength(MAX_MESSAGE)
		.build();

	/**
	 * One event loop, which the gateway does not use. So no class here needs a lock.
	 */
	private final LoopResources loop = LoopResources.create("upstream", 1, true);

	private final ChatRoom room = new ChatRoom();

	private final DisposableServer server;

	/**
	 * Starts the server.
	 * @param port the port to listen on, 0 for any free port
	 * @throws PortInUseException if another process listens there
	 */
	Upstream(int port) {
		HttpServer http = HttpServer.create().host("localhost").port(port).runOn(this.loop).route(this::routes);
		try {
			this.server = http.bindNow();
		}
		catch (ChannelBindException ex) {
			this.loop.dispose();
			throw new PortInUseException(port, ex);
		}
		logger.info("Upstream started on port " + this.server.port());
	}

	/**
	 * Returns the port that the server listens on.
	 * @return the port, never 0
	 */
	int port() {
		return this.server.port();
	}

	@Override
	public void close() {
		this.server.disposeNow();
		this.loop.disposeLater(Duration.ZERO, Duration.ofSeconds(2)).block();
	}

	private void routes(HttpServerRoutes routes) {
		routes.ws("/echo", Upstream::echo, SPEC);
		routes.get("/chat", (request, response) -> {
			String name = userName(request);
			return response.sendWebsocket((in, out) -> this.room.join(name, in.aggregateFrames(MAX_MESSAGE), out),
					SPEC);
		});
	}

	/**
	 * Sends every frame back unchanged, fragments as fragments. Reactor Netty answers
	 * pings and echoes the status of a close frame by itself.
	 */
	private static Publisher<Void> echo(WebsocketInbound in, WebsocketOutbound out) {
		return out.sendObject(in.receiveFrames().map(WebSocketFrame::retain));
	}

	private static String userName(HttpServerRequest request) {
		List<String> names = new QueryStringDecoder(request.uri()).parameters().getOrDefault("user", List.of());
		return (names.isEmpty() || names.get(0).isBlank()) ? "guest" : names.get(0);
	}

}
