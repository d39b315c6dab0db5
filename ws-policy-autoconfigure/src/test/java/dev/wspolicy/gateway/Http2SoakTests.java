package dev.wspolicy.gateway;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps thousands of sessions open in few HTTP/2 connections, closes, resets and opens
 * some of them all the time, and checks every message.
 */
class Http2SoakTests {

	private static final int CONNECTIONS = 40;

	private static final int SESSIONS_OF_EACH = 50;

	@Test
	void aFewSessionsForAFewSeconds() throws Exception {
		run(4, 20, Duration.ofSeconds(4));
	}

	@Test
	@Tag("soak")
	void twoThousandSessions() throws Exception {
		run(CONNECTIONS, SESSIONS_OF_EACH, Duration.ofMinutes(Integer.getInteger("soak.minutes", 5)));
	}

	private static void run(int connections, int sessions, Duration duration) throws Exception {
		MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
		Channel upstream = echo(loops);
		try (TestGateway gateway = TestGateway.with(WatchedTransport.class, ManyResets.class)
			.set("server.http2.enabled", true)
			.set("ws-policy.http2.enabled", true)
			.set("ws-policy.log-sessions", false)
			.set("ws-policy.pipelines.default.session.handshake-timeout", "1m")
			.set("ws-policy.pipelines.default.inbound[0]", "frame-log")
			.route("ws", "ws://localhost:" + ((InetSocketAddress) upstream.localAddress()).getPort())
			.start()) {
			AtomicLong messages = new AtomicLong();
			Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
			CountDownLatch running = new CountDownLatch(connections);
			long end = System.nanoTime() + duration.toNanos();
			for (int i = 0; i < connections; i++) {
				Random random = new Random(i);
				Thread thread = new Thread(() -> {
					try {
						messages.addAndGet(converse(gateway, sessions, random, end));
					}
					catch (RuntimeException | Error ex) {
						failures.add(ex);
					}
					finally {
						running.countDown();
					}
				});
				thread.setDaemon(true);
				thread.start();
			}
			assertThat(running.await(duration.toSeconds() + 120, TimeUnit.SECONDS)).isTrue();
			assertThat(failures).isEmpty();
			assertThat(messages.get()).isGreaterThanOrEqualTo((long) connections * sessions);
			gateway.awaitNoSessions();
			assertThat(gateway.bean(WatchedTransport.class).usedBytes()).isZero();
		}
		finally {
			upstream.close().awaitUninterruptibly();
			loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
		}
	}

	/** All sessions stay open until each of them has had its turn at least once. */
	private static long converse(TestGateway gateway, int sessions, Random random, long end) {
		long messages = 0;
		try (Http2Connection connection = gateway.client().over(ClientLeg.HTTP_2).connectHttp2()) {
			List<RawPeer> peers = new ArrayList<>();
			for (int i = 0; i < sessions; i++) {
				peers.add(open(gateway, connection));
			}
			for (int turn = 0; turn < sessions || System.nanoTime() < end; turn++) {
				int index = turn % sessions;
				RawPeer peer = peers.get(index);
				byte[] payload = new byte[(random.nextInt(20) != 0) ? random.nextInt(200) : 100_000];
				random.nextBytes(payload);
				peer.sendAsync(WireFrame.binary(payload).masked().encode());
				assertThat(peer.receiveFrame().payload()).isEqualTo(payload);
				messages++;
				switch (random.nextInt(20)) {
					case 0 -> {
						peer.reset();
						peers.set(index, open(gateway, connection));
					}
					case 1 -> {
						close(peer);
						peers.set(index, open(gateway, connection));
					}
					default -> {
					}
				}
			}
			// Half of the sessions are lost with the connection
			peers.subList(0, sessions / 2).forEach(Http2SoakTests::close);
		}
		return messages;
	}

	private static RawPeer open(TestGateway gateway, Http2Connection connection) {
		RawPeer peer = gateway.client().over(connection).path("/ws").connect();
		peer.recordReceived(false);
		return peer.timeout(Duration.ofSeconds(60));
	}

	private static void close(RawPeer peer) {
		peer.send(WireFrame.close(1000).masked());
		assertThat(peer.receiveFrame().closeCode()).isEqualTo(1000);
		peer.expectEof();
		peer.close();
	}

	private static Channel echo(MultiThreadIoEventLoopGroup loops) {
		return new ServerBootstrap().group(loops)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<Channel>() {

				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(new HttpServerCodec(), new HttpObjectAggregator(1024),
								new WebSocketServerProtocolHandler("/ws", null, false, 200_000, false, true),
								new SimpleChannelInboundHandler<WebSocketFrame>() {

									@Override
									protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
										context.writeAndFlush(frame.retain());
									}

									@Override
									public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
										context.close();
									}

								});
				}

			})
			.bind("localhost", 0)
			.syncUninterruptibly()
			.channel();
	}

	/** By default, Netty ends a connection whose client resets many streams. */
	@Configuration(proxyBeanMethods = false)
	static class ManyResets {

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> manyResets() {
			return (factory) -> factory.addServerCustomizers((server) -> server
				.http2Settings((settings) -> settings.maxDecodedRstFramesPerWindow(1_000_000, 30)));
		}

	}

}
