package dev.wspolicy.netty;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.Mockito;

import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A handler of a socket fails, and closes its channel within the read that has led to the
 * write.
 */
class FailingHandlerTests {

	@ParameterizedTest
	@EnumSource
	void sessionEndsWhenAHandlerFailsAndClosesItsChannelWithinARead(Transport transport) throws Exception {
		Assumptions.assumeTrue(transport == Transport.NIO || Epoll.isAvailable());
		CompletableFuture<Termination> told = new CompletableFuture<>();
		PolicyBinding policy = PolicyBinding.of("policy", (frame, context) -> Verdict.replyText("answer"));
		SessionPipeline pipeline = SessionPipeline.of("test", SessionSettings.builder().limits(Limits.NONE).build(),
				List.of(policy), List.of());
		NettySession session = session(pipeline, told);
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		EventLoopGroup loop = transport.loop();
		try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
			Channel client = transport.connect(loop, server);
			Socket peer = server.accept();
			Channel upstream = transport.connect(loop, server);
			Socket upstreamPeer = server.accept();
			loop.submit(() -> relay(session, pipeline, client, clientHandler, upstream, upstreamHandler)).get();
			try (peer; upstreamPeer) {
				peer.getOutputStream().write(WireFrame.text("answer").masked().encode());
				// What the upstream is told of the loss.
				assertThat(upstreamPeer.getInputStream().read()).isEqualTo(0x88);
				upstreamPeer.close();
				assertThat(told.get(30, TimeUnit.SECONDS).cause()).isEqualTo(Cause.CONNECTION_LOST);
			}
		}
		finally {
			loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
		}
	}

	/** A session that replies to all messages, which is not created on the event loop. */
	private static NettySession session(SessionPipeline pipeline, CompletableFuture<Termination> told) {
		SessionListener listener = new SessionListener() {

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				told.complete(termination);
			}

		};
		return new NettySession("session", Mockito.mock(UpgradeContext.class), pipeline, new LiveSessions(),
				List.of(listener), null);
	}

	/** Between a client that cannot be written to, and an upstream. */
	private static void relay(NettySession session, SessionPipeline pipeline, Channel client, LegHandler clientHandler,
			Channel upstream, LegHandler upstreamHandler) {
		client.pipeline().addLast(new FailingHandler(() -> {
			throw new IllegalStateException("handler that fails");
		}), clientHandler);
		upstream.pipeline().addLast(upstreamHandler);
		RelayDriver driver = new RelayDriver(session, pipeline, TurnBudget.DEFAULT, session,
				client.pipeline().context(clientHandler), null, upstream.pipeline().context(upstreamHandler), null);
		clientHandler.attach(driver);
		upstreamHandler.attach(driver);
		driver.run(() -> {
			session.open(driver);
			driver.start();
		});
	}

	enum Transport {

		NIO, EPOLL;

		EventLoopGroup loop() {
			return new MultiThreadIoEventLoopGroup(1,
					(this == NIO) ? NioIoHandler.newFactory() : EpollIoHandler.newFactory());
		}

		Channel connect(EventLoopGroup loop, ServerSocket server) throws InterruptedException {
			return new Bootstrap().group(loop)
				.channel((this == NIO) ? NioSocketChannel.class : EpollSocketChannel.class)
				.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
				.option(ChannelOption.AUTO_CLOSE, false)
				.option(ChannelOption.AUTO_READ, false)
				.handler(new ChannelInboundHandlerAdapter())
				.connect(server.getLocalSocketAddress())
				.sync()
				.channel();
		}

	}

}
