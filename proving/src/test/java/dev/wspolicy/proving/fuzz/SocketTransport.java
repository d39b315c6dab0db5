package dev.wspolicy.proving.fuzz;

import java.net.ServerSocket;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * The transports of Netty.
 */
enum SocketTransport {

	NIO, EPOLL,

	/**
	 * Not on the class path of other tests, or their gateways would use it. The build
	 * runs the tests of sockets once more, with it.
	 */
	IO_URING;

	private static Class<?> ioUring(String name) throws ClassNotFoundException {
		return Class.forName("io.netty.channel.uring." + name);
	}

	/** Whether the operating system has it. */
	boolean isAvailable() {
		try {
			return switch (this) {
				case NIO -> true;
				case EPOLL -> Epoll.isAvailable();
				case IO_URING -> (boolean) ioUring("IoUring").getMethod("isAvailable").invoke(null);
			};
		}
		catch (ReflectiveOperationException ex) {
			return false;
		}
	}

	EventLoopGroup loop() throws ReflectiveOperationException {
		IoHandlerFactory factory = switch (this) {
			case NIO -> NioIoHandler.newFactory();
			case EPOLL -> EpollIoHandler.newFactory();
			case IO_URING -> (IoHandlerFactory) ioUring("IoUringIoHandler").getMethod("newFactory").invoke(null);
		};
		return new MultiThreadIoEventLoopGroup(1, factory);
	}

	private Class<? extends Channel> channel() throws ClassNotFoundException {
		return switch (this) {
			case NIO -> NioSocketChannel.class;
			case EPOLL -> EpollSocketChannel.class;
			case IO_URING -> ioUring("IoUringSocketChannel").asSubclass(Channel.class);
		};
	}

	Channel connect(EventLoopGroup loop, ServerSocket server)
			throws ReflectiveOperationException, InterruptedException {
		return new Bootstrap().group(loop)
			.channel(channel())
			.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
			.option(ChannelOption.AUTO_CLOSE, false)
			.option(ChannelOption.AUTO_READ, false)
			.handler(new ChannelInboundHandlerAdapter())
			.connect(server.getLocalSocketAddress())
			.sync()
			.channel();
	}

}
