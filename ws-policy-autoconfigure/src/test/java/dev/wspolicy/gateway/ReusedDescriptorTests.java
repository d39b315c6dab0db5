package dev.wspolicy.gateway;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for an upstream connection that gets the file descriptor of a connection closed
 * just before, while the event loop still has to handle an event of that one. The
 * transport identifies connections by their descriptors, and would report the event to
 * the new connection.
 */
class ReusedDescriptorTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension
		.with(TurnBudgetTests.OneLoop.class, WatchedTransport.class, Beans.class)
		.http2()
		.pipeline("closing", "upgrade[0]", "closing")
		.routes("plain")
		.routesByName("closing");

	private long spins;

	@Test
	void eventOfTheClosedConnection() throws Exception {
		RawSession reset = gateway.open("plain");
		Channel channel = gateway.bean(WatchedTransport.class).channelTo(reset.upstream());
		gateway.bean(Beans.class).closed = channel;
		try (Http2Connection connection = gateway.client().over(ClientLeg.HTTP_2).connectHttp2()) {
			dialWhileAResetIsPending(gateway.client().over(connection), reset, channel);
		}
		assertThat(channel.isOpen()).isFalse();
	}

	private void dialWhileAResetIsPending(RawClient client, RawSession reset, Channel channel) throws Exception {
		RawSession shared = gateway.open(client.path("/plain"));
		// So that the event loop has seen last that the connection is readable
		shared.client().send(WireFrame.text("x").masked());
		assertThat(shared.upstream().receiveFrame().payloadAsText()).isEqualTo("x");
		gateway.gateway().awaitEventLoops();
		AtomicBoolean held = new AtomicBoolean(true);
		channel.eventLoop().execute(() -> {
			while (held.get()) {
				// BlockHound would notice a thread that waits
				this.spins++;
			}
		});
		try (Descriptors descriptors = new Descriptors()) {
			ClientHandshake handshake;
			try {
				handshake = client.path("/closing").start();
				reset.upstream().reset();
				descriptors.takeBelow(channel);
			}
			finally {
				// One turn handles the request and then the reset
				held.set(false);
			}
			try (handshake; RawPeer upstream = gateway.upstream().accept().acceptWebSocket()) {
				assertThat(handshake.response().status()).isEqualTo(101);
				upstream.send(WireFrame.text("open"));
				assertThat(handshake.peer().receiveFrame().payloadAsText()).isEqualTo("open");
			}
		}
	}

	/** Files that occupy descriptors. */
	private static final class Descriptors implements AutoCloseable {

		private final List<Closeable> files = new ArrayList<>();

		/**
		 * Occupy all descriptors below that of a channel, so that the next one to be
		 * opened gets that of the channel once it is closed. The system gives the lowest.
		 */
		void takeBelow(Channel channel) throws IOException {
			int descriptor = (channel instanceof UnixChannel nativeChannel) ? nativeChannel.fd().intValue() : 0;
			for (int i = 0; i < descriptor; i++) {
				this.files.add(new FileInputStream("/dev/null"));
			}
		}

		@Override
		public void close() throws IOException {
			for (Closeable file : this.files) {
				file.close();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private volatile @Nullable Channel closed;

		/** Closes a connection in the turn that dials, as the end of a session does. */
		@Bean
		UpgradePolicy closing() {
			return (upgrade) -> {
				Channel channel = this.closed;
				if (channel != null) {
					channel.close();
				}
				return Mono.just(UpgradeVerdict.accept());
			};
		}

	}

}
