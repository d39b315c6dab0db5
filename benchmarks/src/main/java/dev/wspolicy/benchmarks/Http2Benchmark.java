package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

import dev.wspolicy.benchmarks.load.Http2Load;

/**
 * Compares the cost of a message of sessions that are streams of one HTTP/2 connection
 * with those that have a connection each. Both are served by the same gateway, without
 * TLS, in turn.
 */
public final class Http2Benchmark {

	private static final int SESSIONS = 64;

	private static final List<Load> LOADS = List.of(new Load(128, 1), new Load(128, 16), new Load(16 * 1024, 1),
			new Load(16 * 1024, 2), new Load(16 * 1024, 4));

	private Http2Benchmark() {
	}

	/**
	 * Run the comparison and print a table.
	 * @param args the number of rounds (3), and the seconds that each load lasts (5)
	 * @throws Exception if a process fails
	 */
	public static void main(String[] args) throws Exception {
		int rounds = (args.length > 0) ? Integer.parseInt(args[0]) : 3;
		int seconds = (args.length > 1) ? Integer.parseInt(args[1]) : 5;
		MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
		Channel upstream = echo(loops);
		int port = 18_181;
		try (Child gateway = Child.start("http2", command(port, port(upstream)), Path.of("target/benchmark"))) {
			gateway.awaitPort(port);
			Map<String, List<Double>> micros = new TreeMap<>();
			for (int round = 0; round <= rounds; round++) {
				for (Load load : LOADS) {
					for (boolean http2 : new boolean[] { false, true }) {
						double cost = Http2Load.micros(port, http2, SESSIONS, load.size(), load.window(), seconds,
								gateway.pids(), loops);
						// The first round warms up.
						if (round > 0) {
							micros
								.computeIfAbsent(load + " " + (http2 ? "HTTP/2" : "HTTP/1.1"),
										(name) -> new ArrayList<>())
								.add(cost);
						}
					}
				}
			}
			micros.forEach((name, costs) -> {
				costs.sort(null);
				System.out.printf(Locale.ROOT, "%-32s %7.2f us (of %s)%n", name, costs.get(costs.size() / 2), costs);
			});
		}
		finally {
			upstream.close();
			loops.shutdownGracefully();
		}
	}

	private static List<String> command(int port, int upstreamPort) throws IOException {
		Gateway gateway = Gateway.governed(JavaCommand.ofThis(), "http2", "HTTP/2", 0, false);
		List<String> jvmArgs = new ArrayList<>(Jdk.running().nettyArgs());
		jvmArgs.addAll(List.of("-Xmx768m", "-Dserver.http2.enabled=true", "-Dws-policy.http2.enabled=true"));
		return Cores.bind(Cores.choose().proxy(),
				gateway.command(new Site(port, upstreamPort, Path.of("target/benchmark"), jvmArgs, null, false)));
	}

	private static int port(Channel channel) {
		return ((InetSocketAddress) channel.localAddress()).getPort();
	}

	private static Channel echo(MultiThreadIoEventLoopGroup loops) {
		return new ServerBootstrap().group(loops)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<Channel>() {

				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(new HttpServerCodec(), new HttpObjectAggregator(1024),
								new WebSocketServerProtocolHandler("/"), new Echo());
				}

			})
			.bind("127.0.0.1", 0)
			.syncUninterruptibly()
			.channel();
	}

	private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {

		@Override
		protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
			context.write(frame.retain());
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			context.flush();
		}

	}

	private record Load(int size, int window) {

		@Override
		public String toString() {
			return this.size + " B, window " + this.window;
		}

	}

}
