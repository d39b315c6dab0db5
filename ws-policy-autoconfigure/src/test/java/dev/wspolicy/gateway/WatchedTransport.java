package dev.wspolicy.gateway;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.testkit.RawPeer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tracks what a gateway has opened and allocated: every channel, streams of HTTP/2 and
 * their connections among them, and the capacity of its buffers in bytes.
 */
@Configuration(proxyBeanMethods = false)
class WatchedTransport implements DisposableBean {

	/** Unpooled, so that only memory in use counts. */
	private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);

	private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

	private volatile boolean sawOther;

	private final @Nullable Integer socketBuffer;

	private final @Nullable LoopResources nio;

	WatchedTransport(@Value("${test.socket-buffer:#{null}}") @Nullable Integer socketBuffer,
			@Value("${test.nio:false}") boolean nio) {
		this.socketBuffer = socketBuffer;
		this.nio = nio ? LoopResources.create("nio", 2, true) : null;
	}

	/** Return the capacity of all buffers of the gateway's channels in bytes. */
	long usedBytes() {
		return this.memory.metric().usedDirectMemory() + this.memory.metric().usedHeapMemory();
	}

	long openChannels() {
		this.channels.removeIf((channel) -> !channel.isOpen());
		return this.channels.size();
	}

	/** Wait until the event loops of all channels have been round once more. */
	void awaitEventLoops() {
		this.channels.stream().map(Channel::eventLoop).distinct().forEach((loop) -> {
			// A task without a delay would run before what the sockets have is read
			Future<?> round = loop.schedule(() -> {
			}, 0, TimeUnit.NANOSECONDS);
			assertThat(round.awaitUninterruptibly(30, TimeUnit.SECONDS)).isTrue();
		});
	}

	/** The channel at the other end of a peer's connection. */
	Channel channelTo(RawPeer peer) {
		return this.channels.stream()
			.filter((channel) -> peer.remoteAddress().equals(channel.localAddress())
					&& peer.localAddress().equals(channel.remoteAddress()))
			.findFirst()
			.orElseThrow();
	}

	/** Return whether all channels so far are NIO channels. */
	boolean isNio() {
		return !this.sawOther;
	}

	private void opened(Channel channel) {
		if (channel instanceof Http2StreamChannel stream) {
			this.channels.add(stream);
			opened(stream.parent());
			return;
		}
		this.sawOther |= !(channel instanceof NioSocketChannel);
		this.channels.add(channel);
	}

	@Bean
	WebServerFactoryCustomizer<NettyReactiveWebServerFactory> watchedServer() {
		return (factory) -> {
			if (this.nio != null) {
				// The native event loops would take precedence
				factory.setResourceFactory(null);
			}
			factory.addServerCustomizers(this::watch);
		};
	}

	private HttpServer watch(HttpServer server) {
		HttpServer loops = (this.nio != null) ? server.runOn(this.nio, false) : server;
		HttpServer watched = loops.childOption(ChannelOption.ALLOCATOR, this.memory)
			.doOnConnection((connection) -> opened(connection.channel()));
		return (this.socketBuffer == null) ? watched : watched.childOption(ChannelOption.SO_RCVBUF, this.socketBuffer)
			.childOption(ChannelOption.SO_SNDBUF, this.socketBuffer);
	}

	@Override
	public void destroy() {
		if (this.nio != null) {
			this.nio.dispose();
		}
	}

	@Bean
	HttpClientCustomizer watchedClient() {
		return (client) -> {
			HttpClient watched = client.option(ChannelOption.ALLOCATOR, this.memory)
				.doOnConnected((connection) -> opened(connection.channel()));
			return (this.socketBuffer == null) ? watched : watched.option(ChannelOption.SO_RCVBUF, this.socketBuffer)
				.option(ChannelOption.SO_SNDBUF, this.socketBuffer);
		};
	}

}
