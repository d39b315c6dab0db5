package dev.wspolicy.test;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import org.jspecify.annotations.Nullable;

/**
 * Two connected channels without sockets.
 *
 * @param gateway the end of the gateway
 * @param peer the end of the peer
 */
record LocalConnection(Channel gateway, Channel peer) {

	/** On the heap, so that a test need not close its session to release memory. */
	private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

	static LocalConnection open(VirtualEventLoop loop) {
		AtomicReference<@Nullable Channel> gateway = new AtomicReference<>();
		ChannelFuture server = new ServerBootstrap().group(loop)
			.channel(LocalServerChannel.class)
			.childOption(ChannelOption.ALLOCATOR, ALLOCATOR)
			.childHandler(initializer(gateway))
			.bind(new LocalAddress(LocalConnection.class));
		loop.runTasks();
		AtomicReference<@Nullable Channel> peer = new AtomicReference<>();
		ChannelFuture client = new Bootstrap().group(loop)
			.channel(LocalChannel.class)
			.option(ChannelOption.ALLOCATOR, ALLOCATOR)
			.handler(initializer(peer))
			// Netty would make up an address of 32 bits, which another peer may have.
			.connect(server.channel().localAddress(), new LocalAddress(LocalConnection.class));
		loop.runTasks();
		server.channel().close();
		loop.runTasks();
		if (!client.isSuccess()) {
			throw new IllegalStateException("The channels cannot be connected", client.cause());
		}
		return new LocalConnection(Objects.requireNonNull(gateway.get()), Objects.requireNonNull(peer.get()));
	}

	private static ChannelInitializer<Channel> initializer(AtomicReference<@Nullable Channel> holder) {
		return new ChannelInitializer<>() {

			@Override
			protected void initChannel(Channel channel) {
				holder.set(channel);
			}

		};
	}

}
