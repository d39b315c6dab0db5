package dev.wspolicy.netty;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * What a leg knows of the bytes that it has written.
 */
class LegWriterTests {

	@Test
	void bytesOfALongFrameAreTakenOneByOne() {
		SlowChannel channel = new SlowChannel();
		LegWriter writer = new LegWriter(Side.CLIENT, channel.pipeline().firstContext(), null);
		writer.write(Unpooled.buffer().writeZero(1000));
		writer.write(Unpooled.buffer().writeZero(1000));
		writer.flush();
		assertThat(writer.taken()).isZero();
		channel.take(10);
		assertThat(writer.taken()).isEqualTo(10);
		channel.take(1000);
		assertThat(writer.taken()).isEqualTo(1010);
		writer.write(Unpooled.buffer().writeZero(100));
		writer.flush();
		assertThat(writer.taken()).isEqualTo(1010);
		channel.take(1090);
		assertThat(writer.taken()).isEqualTo(2100);
		assertThat(writer.unwritten()).isZero();
	}

	@Test
	void partOfAFrameForAPeerThatHasEndedItsStreamIsNotShownAsIfItWereAll() throws Exception {
		Assumptions.assumeTrue(Epoll.isAvailable());
		CompletableFuture<Void> closed = new CompletableFuture<>();
		EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
		try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
			Channel channel = new Bootstrap().group(loop)
				.channel(EpollSocketChannel.class)
				.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
				.option(ChannelOption.AUTO_CLOSE, false)
				.handler(new ClosedWhenTheStreamEnds(closed))
				.connect(server.getLocalSocketAddress())
				.sync()
				.channel();
			try (Socket peer = server.accept()) {
				peer.shutdownOutput();
				closed.get(30, TimeUnit.SECONDS);
				channel.closeFuture().sync();
				assertThatIOException().isThrownBy(() -> peer.getInputStream().readAllBytes());
			}
		}
		finally {
			loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
		}
	}

	/** The end of the stream would tell the peer that it has everything. */
	@Test
	void partOfAFrameForAPeerThatTakesNothingIsNotShownAsIfItWereAll() throws Exception {
		EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
		try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
			Channel channel = new Bootstrap().group(loop)
				.channel(NioSocketChannel.class)
				.handler(new ChannelInboundHandlerAdapter())
				.connect(server.getLocalSocketAddress())
				.sync()
				.channel();
			try (Socket peer = server.accept()) {
				channel.eventLoop().submit(() -> {
					LegWriter writer = new LegWriter(Side.CLIENT, channel.pipeline().firstContext(), null);
					writer.write(channel.alloc().buffer().writeZero(20_000_000));
					writer.closer().close();
				}).sync();
				channel.closeFuture().sync();
				assertThatIOException().isThrownBy(() -> peer.getInputStream().readAllBytes());
			}
		}
		finally {
			loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
		}
	}

	@ParameterizedTest
	@EnumSource
	void endOfAChannelThatCannotBeRegisteredAnewIsTold(Refusal refusal) throws Exception {
		Assumptions.assumeTrue(Epoll.isAvailable());
		CompletableFuture<Void> told = new CompletableFuture<>();
		EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, refusal.factory());
		try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
			Channel channel = new Bootstrap().group(loop)
				.channel(EpollSocketChannel.class)
				.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
				.option(ChannelOption.AUTO_CLOSE, false)
				.handler(new WrittenWhenTheStreamEnds(() -> told.complete(null)))
				.connect(server.getLocalSocketAddress())
				.sync()
				.channel();
			try (Socket peer = server.accept()) {
				peer.shutdownOutput();
				told.get(30, TimeUnit.SECONDS);
				assertThat(channel.isOpen()).isFalse();
			}
		}
		finally {
			loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
		}
	}

	/** Why a channel cannot be registered a second time. */
	enum Refusal {

		REGISTER, SUBMIT;

		IoHandlerFactory factory() {
			IoHandlerFactory factory = EpollIoHandler.newFactory();
			return (executor) -> {
				IoHandler handler = factory.newHandler(executor);
				Set<Object> known = new HashSet<>();
				return proxy(IoHandler.class, (proxy, method, arguments) -> {
					boolean again = method.getName().equals("register") && !known.add(arguments[0]);
					if (again && this == REGISTER) {
						throw new IOException("refused");
					}
					Object result = method.invoke(handler, arguments);
					return again ? unsubmitted((IoRegistration) result) : result;
				});
			};
		}

		private static IoRegistration unsubmitted(IoRegistration registration) {
			return proxy(IoRegistration.class, (proxy, method, arguments) -> {
				if (method.getName().equals("submit")) {
					throw new IllegalStateException("refused");
				}
				return method.invoke(registration, arguments);
			});
		}

		private static <T> T proxy(Class<T> type, InvocationHandler handler) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
		}

	}

	/** Is written to when its peer has ended its stream, and given up after that. */
	private static final class WrittenWhenTheStreamEnds extends ChannelInboundHandlerAdapter {

		private final Runnable told;

		WrittenWhenTheStreamEnds(Runnable told) {
			this.told = told;
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			if (event instanceof ChannelInputShutdownEvent) {
				LegWriter writer = new LegWriter(Side.CLIENT, context, null);
				writer.closer().onInputEnded();
				writer.write(context.alloc().buffer().writeZero(10));
				writer.flush();
				// When it has been registered again, or would have been.
				context.channel().eventLoop().execute(writer.closer()::abort);
			}
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			this.told.run();
		}

	}

	/** Is being closed when its peer has ended its stream, with much to be written. */
	private static final class ClosedWhenTheStreamEnds extends ChannelInboundHandlerAdapter {

		private final CompletableFuture<Void> closed;

		private @Nullable LegWriter writer;

		ClosedWhenTheStreamEnds(CompletableFuture<Void> closed) {
			this.closed = closed;
		}

		@Override
		public void handlerAdded(ChannelHandlerContext context) {
			this.writer = new LegWriter(Side.CLIENT, context, null);
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object event) {
			LegWriter writer = Objects.requireNonNull(this.writer);
			if (event instanceof ChannelInputShutdownEvent) {
				writer.closer().onInputEnded();
				context.channel().config().setAutoRead(false);
				// When Netty waits for nothing any more.
				context.channel().eventLoop().execute(() -> {
					writer.write(context.alloc().buffer().writeZero(20_000_000));
					writer.closer().close();
					this.closed.complete(null);
				});
			}
			else if (event instanceof ChannelOutputShutdownEvent) {
				writer.closer().onOutputEnded();
			}
		}

	}

	/** Takes as many bytes as it is told to. */
	private static final class SlowChannel extends EmbeddedChannel {

		private int willing;

		SlowChannel() {
			super(new ChannelInboundHandlerAdapter());
		}

		void take(int bytes) {
			this.willing = bytes;
			flush();
		}

		@Override
		protected void doWrite(ChannelOutboundBuffer buffer) {
			buffer.removeBytes(this.willing);
			this.willing = 0;
		}

	}

}
