package dev.wspolicy.gateway;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.netty.channel.EventLoopGroup;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Lets one session send as much as it can, and measures on its event loop how much is
 * processed between two rounds.
 */
class TurnBudgetTests {

	private static final int FRAMES = 100;

	private static final int BYTES = 16 * 1024;

	/** The maximum number of bytes per read. */
	private static final int READ = 64 * 1024;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(OneLoop.class, Beans.class)
		.set("ws-policy.turn.frames", FRAMES)
		.set("ws-policy.turn.read-bytes", BYTES + "B")
		.set("ws-policy.turn.inflated-bytes", BYTES + "B")
		.pipeline("session.close-timeout", "1m")
		.pipeline("dropping", "inbound[0]", "dropping")
		.pipeline("dropping", "compression.client", true)
		.pipeline("passing", "inbound[0]", "holding")
		.pipeline("other", "inbound[0]", "watching")
		.routesByName("dropping", "passing", "other");

	private Beans beans;

	@BeforeEach
	void prepare() {
		this.beans = gateway.bean(Beans.class);
		this.beans.reset();
	}

	@Test
	void droppedFrames() {
		try (RawSession session = flooded("dropping", gateway.client(),
				Collections.nCopies(20_000, WireFrame.text("x").masked()))) {
			awaitFrames(20_001);
			assertThat(this.beans.mostFrames).isBetween(1L, 2L * FRAMES);
			session.roundTrip();
		}
	}

	@Test
	void droppedBytes() {
		try (RawSession session = flooded("dropping", gateway.client(),
				Collections.nCopies(4000, WireFrame.text("x".repeat(1000)).masked()))) {
			awaitFrames(4001);
			assertThat(this.beans.mostBytes).isBetween(1L, 2L * (BYTES + READ));
			session.roundTrip();
		}
	}

	@Test
	void inflatedBytes() {
		WireDeflate deflate = new WireDeflate();
		List<WireFrame> frames = Stream.generate(() -> deflate.message(WireFrame.BINARY, new byte[1_000_000]).masked())
			.limit(20)
			.toList();
		try (RawSession session = flooded("dropping",
				gateway.client().header("Sec-WebSocket-Extensions", "permessage-deflate"), frames)) {
			await().until(() -> this.beans.flooded().counts(Direction.INBOUND).bytes() > 20_000_000);
			assertThat(this.beans.mostBytes).isBetween(1L, 2L * (BYTES + READ));
			session.roundTrip();
		}
	}

	@Test
	void passedFramesKeepTheirOrderBeforeALoss() {
		List<WireFrame> frames = IntStream.range(0, 5000)
			.mapToObj((i) -> WireFrame.text(String.valueOf(i)).masked())
			.toList();
		try (RawSession session = flooded("passing", gateway.client(), frames)) {
			session.client().shutdownOutput();
			assertThat(session.upstream().receiveFrames(5000)).extracting(WireFrame::payloadAsText)
				.containsExactlyElementsOf(IntStream.range(0, 5000).mapToObj(String::valueOf).toList());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.upstream().close();
			assertThat(gateway.termination().cause()).isEqualTo(Cause.CONNECTION_LOST);
		}
		assertThat(this.beans.mostFrames).isBetween(1L, 2L * FRAMES);
	}

	@Test
	void closeFrameAfterDiscardedDataIsFound() {
		try (RawSession session = flooded("dropping", gateway.client(), List.of())) {
			this.beans.flooded().close(CloseStatus.of(4000, "enough"));
			WireFrame[] frames = Collections.nCopies(20_000, WireFrame.text("x").masked()).toArray(WireFrame[]::new);
			session.client().send(frames);
			session.client().send(WireFrame.close(4000).masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4000);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(4000);
			session.upstream().send(WireFrame.close(4000));
			session.endInOrder();
			assertThat(gateway.termination().fromClient().code()).isEqualTo(4000);
		}
	}

	private void awaitFrames(long count) {
		await().until(() -> this.beans.flooded().counts(Direction.INBOUND).frames() == count);
	}

	/** All of these frames are in the socket buffer when the first one is read. */
	private RawSession flooded(String route, RawClient client, List<WireFrame> frames) {
		gateway.open("other");
		RawSession session = gateway.open(client.path("/" + route));
		this.beans.flooded = gateway.session(route);
		session.client().send(WireFrame.text("held").masked());
		await().until(() -> this.beans.holds);
		CompletableFuture<Void> sent = session.client()
			.sendAsync(WireFrame.encodeAll(frames.toArray(WireFrame[]::new)));
		await().until(() -> sent.isDone() || session.client().sentBytes() > 1_000_000);
		this.beans.held.complete(Verdict.forward());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("held");
		return session;
	}

	@Configuration(proxyBeanMethods = false)
	static class OneLoop {

		@Bean(destroyMethod = "dispose")
		LoopResources oneLoop() {
			return LoopResources.create("one", 1, true);
		}

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> useOneLoop(LoopResources oneLoop) {
			return (factory) -> {
				// The native event loops would take precedence
				factory.setResourceFactory(null);
				factory.addServerCustomizers((server) -> server.runOn(oneLoop));
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final EventLoopGroup loop;

		private volatile CompletableFuture<Verdict> held = new CompletableFuture<>();

		private volatile boolean holds;

		private volatile @Nullable ProxiedSession flooded;

		private volatile long mostFrames;

		private volatile long mostBytes;

		private long lastFrames;

		private long lastBytes;

		Beans(LoopResources oneLoop) {
			this.loop = oneLoop.onServer(true);
		}

		void reset() {
			this.held = new CompletableFuture<>();
			this.holds = false;
			this.flooded = null;
			this.mostFrames = 0;
			this.mostBytes = 0;
			this.lastFrames = 0;
			this.lastBytes = 0;
		}

		ProxiedSession flooded() {
			return this.flooded;
		}

		@Bean
		FramePolicy dropping() {
			return (frame, context) -> (frame.length() == 4) ? hold() : Verdict.drop();
		}

		@Bean
		FramePolicy holding() {
			return (frame, context) -> (!this.holds) ? hold() : Verdict.forward();
		}

		private Verdict hold() {
			this.holds = true;
			return Verdict.later(this.held);
		}

		@Bean
		FramePolicy watching() {
			return new FramePolicy() {

				@Override
				public Verdict apply(Frame frame, FrameContext context) {
					return Verdict.forward();
				}

				@Override
				public void onOpen(ProxiedSession session) {
					look(session);
				}

			};
		}

		/** Runs in each round of the event loop, which a task of a session does not. */
		private void look(ProxiedSession session) {
			ProxiedSession flooded = this.flooded;
			if (flooded != null) {
				long frames = flooded.counts(Direction.INBOUND).frames();
				long bytes = flooded.counts(Direction.INBOUND).bytes();
				this.mostFrames = Math.max(this.mostFrames, frames - this.lastFrames);
				this.mostBytes = Math.max(this.mostBytes, bytes - this.lastBytes);
				this.lastFrames = frames;
				this.lastBytes = bytes;
			}
			if (session.isOpen()) {
				this.loop.schedule(() -> look(session), 0, TimeUnit.NANOSECONDS);
			}
		}

	}

}
