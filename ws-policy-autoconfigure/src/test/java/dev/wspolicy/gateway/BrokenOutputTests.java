package dev.wspolicy.gateway;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.SelectionKey;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.netty.channel.Channel;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.Native;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.AbstractReferenceCounted;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ReflectionUtils;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Peers that live on although nothing can be written to them any more, as when memory
 * runs out for a moment within a write.
 */
class BrokenOutputTests {

	@RegisterExtension
	static final GatewayExtension nativeTransport = gateway(false);

	@RegisterExtension
	static final GatewayExtension nio = gateway(true);

	private static GatewayExtension gateway(boolean nio) {
		return GatewayExtension.with(WatchedTransport.class, Beans.class)
			.set("test.socket-buffer", 32 * 1024)
			.set("test.nio", nio)
			// Longer than a test can be held up between two steps
			.pipeline("session.close-timeout", "4s")
			.pipeline("inbound[0]", "waiting")
			.pipeline("outbound[0]", "waiting")
			.routes("any");
	}

	static Stream<Arguments> peers() {
		return Stream.of(nativeTransport, nio)
			.flatMap((gateway) -> Stream.of(Side.values()).map((side) -> Arguments.of(gateway, side)));
	}

	@ParameterizedTest
	@MethodSource("peers")
	void peerIsNotReadWithoutBound(GatewayExtension gateway, Side side) {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		gateway.bean(Beans.class).verdict = verdict;
		try (RawSession session = gateway.open("any")) {
			ProxiedSession live = gateway.onlySession();
			RawPeer peer = session.peer(side);
			peer.send(WireFrame.text("wait").from(side));
			await().until(() -> live.counts(side.sends()).frames() == 1);
			new BrokenRegion().breakOutput(channel(gateway, peer));
			CompletableFuture<Void> sending = peer.sendAsync(new byte[20_000_000]);
			long[] most = { 0 };
			await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
				most[0] = Math.max(most[0], live.buffered(side.peer()));
				return sending.isDone();
			});
			assertThat(sending).as("reset after close-timeout").isCompletedExceptionally();
			assertThat(most[0]).isBetween(1000L, 3 * 64 * 1024L);
			verdict.complete(Verdict.forward());
			assertThat(session.peer(side.peer()).receiveFrame().payloadAsText()).isEqualTo("wait");
			session.peer(side.peer()).reset();
		}
		gateway.termination();
	}

	@ParameterizedTest
	@MethodSource("peers")
	void nobodyWaitsForIt(GatewayExtension gateway, Side side) throws Exception {
		try (RawSession session = gateway.open("any")) {
			ProxiedSession live = gateway.onlySession();
			RawPeer peer = session.peer(side);
			RawPeer other = session.peer(side.peer());
			Channel channel = channel(gateway, peer);
			BrokenRegion region = new BrokenRegion();
			region.write(channel);
			byte[][] messages = new byte[40][];
			Arrays.fill(messages, WireFrame.binary(new byte[100_000]).from(side.peer()).encode());
			CompletableFuture<Void> sending = other.sendAsync(messages);
			await().until(() -> live.buffered(side) > 64 * 1024);
			assertThat(channel.eventLoop().submit(() -> awaitsWritability(channel)).get()).isTrue();
			region.fail();
			assertThat(sending).succeedsWithin(Duration.ofSeconds(20));
			// All may have been sent before, and the event loop has yet to see that the
			// region fails
			await().until(() -> !channel.eventLoop().submit(() -> awaitsWritability(channel)).get());
			assertThat(channel.isOpen()).isTrue();
			peer.send(WireFrame.text("heard").from(side));
			assertThat(other.receiveFrame().payloadAsText()).isEqualTo("heard");
			peer.expectEof();
			assertThat(other.receiveFrame().closeCode()).isEqualTo((side == Side.CLIENT) ? 1001 : 1011);
		}
		Termination termination = gateway.termination();
		assertThat(termination.cause()).isEqualTo(Cause.CONNECTION_LOST);
	}

	private static Channel channel(GatewayExtension gateway, RawPeer peer) {
		return gateway.bean(WatchedTransport.class).channelTo(peer);
	}

	/** Whether Netty has asked to be told when the socket is writable. */
	private static boolean awaitsWritability(Channel channel) {
		if (channel instanceof NioSocketChannel) {
			Method selectionKey = ReflectionUtils.findMethod(channel.getClass(), "selectionKey");
			SelectionKey key = (SelectionKey) invoke(channel, selectionKey);
			return key.isValid() && (key.interestOps() & SelectionKey.OP_WRITE) != 0;
		}
		Method isFlagSet = ReflectionUtils.findMethod(channel.getClass(), "isFlagSet", int.class);
		return (boolean) invoke(channel, isFlagSet, Native.EPOLLOUT);
	}

	private static Object invoke(Channel channel, Method method, Object... arguments) {
		ReflectionUtils.makeAccessible(method);
		return ReflectionUtils.invokeMethod(method, channel, arguments);
	}

	/**
	 * Something that is to be written, and fails when it is told to.
	 */
	private static final class BrokenRegion extends AbstractReferenceCounted implements FileRegion {

		private volatile boolean failing;

		void breakOutput(Channel channel) {
			fail();
			write(channel);
		}

		void write(Channel channel) {
			channel.eventLoop().submit(() -> {
				channel.unsafe().write(this, channel.voidPromise());
				channel.unsafe().flush();
			}).syncUninterruptibly();
		}

		void fail() {
			this.failing = true;
		}

		@Override
		public long transferTo(WritableByteChannel target, long position) throws IOException {
			if (this.failing) {
				throw new IOException("fails when it is told to");
			}
			return 0;
		}

		@Override
		public long position() {
			return 0;
		}

		@Override
		@Deprecated
		public long transfered() {
			return 0;
		}

		@Override
		public long transferred() {
			return 0;
		}

		@Override
		public long count() {
			return 1;
		}

		@Override
		public FileRegion retain() {
			super.retain();
			return this;
		}

		@Override
		public FileRegion retain(int increment) {
			super.retain(increment);
			return this;
		}

		@Override
		public FileRegion touch() {
			return this;
		}

		@Override
		public FileRegion touch(Object hint) {
			return this;
		}

		@Override
		protected void deallocate() {
			// Holds nothing
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private volatile CompletableFuture<Verdict> verdict = new CompletableFuture<>();

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> (frame.length() == 4) ? Verdict.later(this.verdict) : Verdict.forward();
		}

	}

}
