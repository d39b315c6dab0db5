package dev.wspolicy.gateway;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.util.ClassUtils;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

/**
 * A gateway of its own between a client and an upstream inside the process. It shares its
 * code with that of the application, and no state.
 */
final class WarmUpGateway implements AutoCloseable {

	private static final int TIMEOUT = 10_000;

	private static final byte[] TEXT = "warm-up".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] KEY = { 0x5A, 0x17, 0x43, 0x1E };

	private static final int TEXT_FRAME = 0x81;

	private static final int CLOSE_FRAME = 0x88;

	private static final byte[] HANDSHAKE = """
			GET /warm-up HTTP/1.1\r
			Host: localhost\r
			Connection: Upgrade\r
			Upgrade: websocket\r
			Sec-WebSocket-Version: 13\r
			Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
			\r
			""".getBytes(StandardCharsets.US_ASCII);

	private final LiveSessions sessions;

	private final DisposableServer upstream;

	private final DisposableServer server;

	private WarmUpGateway(LiveSessions sessions, DisposableServer upstream, DisposableServer server) {
		this.sessions = sessions;
		this.upstream = upstream;
		this.server = server;
	}

	static WarmUpGateway start(List<GlobalFilter> filters, List<HttpHeadersFilter> headersFilters) {
		LiveSessions sessions = new LiveSessions();
		PolicyBinding policy = PolicyBinding.of("warm-up", new ReadText());
		PipelineCatalog catalog = new PipelineCatalog(List.of(new PipelineDefinition(PipelineDefinition.DEFAULT_NAME,
				List.of(policy), List.of(policy), SessionSettings.builder().build())), List.of());
		RouteChangeListener changes = new RouteChangeListener(Flux::empty, catalog, sessions);
		List<GlobalFilter> chain = new ArrayList<>(filters.stream().filter(WarmUpGateway::isSilent).toList());
		chain.add(new IncomingUpgradeFilter(List.of(), changes));
		chain.add(new WebSocketUpgradeFilter(new SessionLauncher(sessions, List.of(), null, TurnBudget.DEFAULT),
				changes));
		HttpClient client = HttpClient.create(ConnectionProvider.newConnection()).protocol(HttpProtocol.HTTP11);
		chain.add(new WsPolicyRoutingFilter(catalog, sessions, new UpstreamDialer(client),
				headersFilters.stream().filter(WarmUpGateway::isSilent).toList()));
		DisposableServer upstream = server()
			.handle((request, response) -> response
				.sendWebsocket((inbound, outbound) -> outbound.send(inbound.receive().retain())))
			.bindNow();
		try {
			return new WarmUpGateway(sessions, upstream, serve(new FilteringWebHandler(chain, false), upstream.port()));
		}
		catch (RuntimeException | Error ex) {
			upstream.disposeNow();
			throw ex;
		}
	}

	private static DisposableServer serve(FilteringWebHandler handler, int upstream) {
		Route route = Route.async()
			.id("warm-up")
			.uri("ws://localhost:" + upstream)
			.predicate((exchange) -> true)
			.build();
		return UpgradeServerCustomizer.watch(server())
			.handle(new ReactorHttpHandlerAdapter(WebHttpHandlerBuilder.webHandler((exchange) -> {
				exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR, route);
				return handler.handle(exchange);
			}).build()))
			.bindNow();
	}

	private static HttpServer server() {
		return HttpServer.create()
			.bindAddress(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.accessLog(false);
	}

	/** Whether a filter is Gateway's own, and records no meters. */
	private static boolean isSilent(Object filter) {
		Class<?> type = ClassUtils.getUserClass(filter);
		String name = type.getSimpleName();
		return type.getName().startsWith("org.springframework.cloud.gateway.") && !name.contains("Metrics")
				&& !name.contains("Observed");
	}

	/** Opens a session, sends a message there and back, and closes the session. */
	void openAndCloseSession() throws IOException {
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), this.server.port())) {
			client.setSoTimeout(TIMEOUT);
			client.setTcpNoDelay(true);
			DataInputStream input = new DataInputStream(client.getInputStream());
			client.getOutputStream().write(HANDSHAKE);
			readHead(input);
			client.getOutputStream().write(frame(TEXT_FRAME, TEXT));
			input.readFully(new byte[2 + TEXT.length]);
			client.getOutputStream().write(frame(CLOSE_FRAME, new byte[] { 0x03, (byte) 0xE8 }));
			input.readFully(new byte[4]);
		}
	}

	private static void readHead(DataInputStream input) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			head.append((char) input.readUnsignedByte());
		}
		if (!head.toString().startsWith("HTTP/1.1 101 ")) {
			throw new IOException("no session: " + head.substring(0, head.indexOf("\r\n")));
		}
	}

	private static byte[] frame(int firstByte, byte[] payload) {
		byte[] frame = new byte[6 + payload.length];
		frame[0] = (byte) firstByte;
		frame[1] = (byte) (0x80 | payload.length);
		System.arraycopy(KEY, 0, frame, 2, KEY.length);
		for (int i = 0; i < payload.length; i++) {
			frame[6 + i] = (byte) (payload[i] ^ KEY[i % KEY.length]);
		}
		return frame;
	}

	/** Returns when all sessions have ended, within a bound. */
	@Override
	public void close() {
		long end = System.nanoTime() + Duration.ofMillis(TIMEOUT).toNanos();
		while (this.sessions.size() > 0 && System.nanoTime() - end < 0) {
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
		this.server.disposeNow();
		this.upstream.disposeNow();
	}

	/**
	 * Reads each text, as most policies do.
	 */
	private static final class ReadText implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return (frame instanceof TextFrame text && text.text().isEmpty()) ? Verdict.drop() : Verdict.forward();
		}

	}

}
