package dev.wspolicy.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the time between the upstream's 101 and the start of the session, while the
 * filters of the route process the response. A session that does not start leaves nothing
 * behind, and one that does loses nothing.
 */
@ParameterizedClass(name = "NIO: {0}")
@ValueSource(booleans = { false, true })
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WaitingSessionsTests {

	private static RawUpstream upstream;

	private static RawUpstream secure;

	private static TestGateway gateway;

	@BeforeParameterizedClassInvocation
	static void start(boolean nio) {
		TestCertificates certificates = TestCertificates.localhost();
		upstream = RawUpstream.start();
		secure = RawUpstream.start(certificates.server());
		gateway = TestGateway.with(WatchedTransport.class, Beans.class)
			.trust(certificates)
			.set("test.nio", nio)
			.set("ws-policy.pipelines.hasty.session.handshake-timeout", "300ms")
			// Much more than a test needs for an answer, however busy the machine is
			.set("ws-policy.pipelines.default.session.close-timeout", "1m")
			.set("ws-policy.pipelines.lost.session.close-timeout", "1s")
			.route("ws", upstream.uri())
			.route("wss", secure.uri())
			.route("hasty", upstream.uri(), "WsPolicy=hasty")
			.route("lost", upstream.uri(), "WsPolicy=lost")
			.route("retried", upstream.uri(), "Retry=1")
			.start();
	}

	@AfterParameterizedClassInvocation
	static void stop() {
		gateway.close();
		upstream.close();
		secure.close();
	}

	private final boolean nio;

	private final Sinks.Empty<Void> answer = Sinks.empty();

	WaitingSessionsTests(boolean nio) {
		this.nio = nio;
	}

	@AfterEach
	void allResourcesAreReleased() {
		beans().onAnswer = (exchange) -> Mono.empty();
		gateway.awaitNoSessions();
		await().untilAsserted(() -> {
			assertThat(beans().admissions).allSatisfy((calls) -> assertThat(calls.toString()).matches("(open )?end "));
			assertThat(transport().openChannels()).isZero();
			assertThat(transport().usedBytes()).isZero();
		});
		assertThat(transport().isNio()).isEqualTo(this.nio);
		beans().admissions.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ws", "wss" })
	void upstreamEnds(String route) {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client(route)) {
			UpstreamHandshake handshake = upstream(route).accept();
			handshake.glue(WireFrame.text("last")).acceptWebSocket().close();
			awaitUpstreamGone();
			this.answer.tryEmitEmpty();
			RawPeer peer = client.connected();
			assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("last");
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1011);
			peer.send(WireFrame.close(1011).masked());
			peer.expectEof();
		}
	}

	@Test
	void upstreamEndsAfterMuchData() {
		WireFrame frame = WireFrame.binary(new byte[50_000]);
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			UpstreamHandshake handshake = upstream.accept();
			RawPeer server = handshake.glue(frame).acceptWebSocket();
			server.send(frame, frame, frame);
			server.close();
			this.answer.tryEmitEmpty();
			RawPeer peer = client.connected();
			assertThat(peer.receiveFrames(4)).containsOnly(frame);
			assertThat(peer.receiveFrame().closeCode()).isEqualTo(1011);
		}
	}

	@Test
	void upstreamIsReset() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			upstream.accept().acceptWebSocket().reset();
			awaitUpstreamGone();
			this.answer.tryEmitEmpty();
			assertThat(client.connected().receiveFrame().closeCode()).isEqualTo(1011);
		}
	}

	@Test
	void upstreamClosesAndEnds() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			upstream.accept().glue(WireFrame.close(4001, "full")).acceptWebSocket().close();
			awaitUpstreamGone();
			this.answer.tryEmitEmpty();
			assertThat(client.connected().receiveFrame().closeReason()).isEqualTo("full");
		}
	}

	@Test
	void drainDoesNotWaitForASessionWithoutUpstream() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("lost")) {
			upstream.accept().acceptWebSocket().close();
			awaitUpstreamGone();
			this.answer.tryEmitEmpty();
			client.connected();
			await().until(() -> beans().admissions.stream().anyMatch((calls) -> calls.indexOf("open") == 0));
			CompletableFuture<Void> drained = gateway.bean(LiveSessions.class).drain(Duration.ZERO);
			assertThat(drained).succeedsWithin(Duration.ofSeconds(30));
		}
		finally {
			gateway.bean(LiveSessions.class).endDrain();
		}
	}

	/** NIO does not read, and detects nothing, until the session starts. */
	private void awaitUpstreamGone() {
		if (!this.nio) {
			await().until(() -> transport().openChannels() == 1);
		}
	}

	@Test
	void filterSwitchesThreads() {
		beans().onAnswer = (exchange) -> this.answer.asMono().publishOn(Schedulers.boundedElastic());
		try (ClientHandshake client = client("ws")) {
			RawPeer server = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			this.answer.tryEmitEmpty();
			assertThat(client.connected().receiveFrame().payloadAsText()).isEqualTo("first");
			server.close();
		}
	}

	@Test
	void clientDisconnects() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			RawPeer server = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			await().until(() -> this.answer.currentSubscriberCount() == 1);
			client.peer().reset();
			server.drainToEnd();
		}
	}

	@Test
	void bothDisconnect() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			upstream.accept().glue(WireFrame.text("first")).acceptWebSocket().close();
			await().until(() -> this.answer.currentSubscriberCount() == 1);
			awaitUpstreamGone();
			client.peer().reset();
		}
	}

	@Test
	void filterFails() {
		beans().onAnswer = (exchange) -> this.answer.asMono();
		try (ClientHandshake client = client("ws")) {
			RawPeer server = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			this.answer.tryEmitError(new IllegalStateException("no"));
			assertThat(client.response().status()).isEqualTo(500);
			server.drainToEnd();
		}
	}

	@Test
	void filterNeverCompletes() {
		hastily((exchange) -> Mono.never(), (client) -> assertThat(client.response().status()).isEqualTo(504));
	}

	@Test
	void commitActionNeverCompletes() {
		hastily((exchange) -> {
			exchange.getResponse().beforeCommit(Mono::never);
			return Mono.empty();
		}, (client) -> client.peer().drainToEnd());
	}

	/**
	 * Waits for filters in vain; tries again if the upstream has been too late itself.
	 */
	private static void hastily(Function<ServerWebExchange, Mono<Void>> onAnswer, Consumer<ClientHandshake> check) {
		AtomicBoolean answered = new AtomicBoolean();
		beans().onAnswer = (exchange) -> {
			answered.set(true);
			return onAnswer.apply(exchange);
		};
		while (!answered.get()) {
			try (ClientHandshake client = client("hasty"); UpstreamHandshake handshake = upstream.accept()) {
				accept(handshake.glue(WireFrame.text("first")));
				handshake.peer().drainToEnd();
				if (answered.get()) {
					check.accept(client);
				}
			}
		}
	}

	private static void accept(UpstreamHandshake handshake) {
		try {
			handshake.acceptWebSocket();
		}
		catch (UncheckedIOException ex) {
			// The gateway has given up
		}
	}

	@Test
	void commitActionFails() {
		beans().onAnswer = (exchange) -> {
			exchange.getResponse().beforeCommit(() -> Mono.error(new IllegalStateException("no")));
			return Mono.empty();
		};
		try (ClientHandshake client = client("ws")) {
			RawPeer server = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			assertThat(client.response().status()).isEqualTo(500);
			server.drainToEnd();
		}
	}

	@Test
	void filterReplacesTheResponse() {
		beans().onAnswer = (exchange) -> {
			exchange.getResponse().setStatusCode(HttpStatus.FORBIDDEN);
			return exchange.getResponse().setComplete();
		};
		try (ClientHandshake client = client("ws")) {
			RawPeer server = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			assertThat(client.response().status()).isEqualTo(403);
			server.drainToEnd();
		}
	}

	@Test
	void exchangeIsRetried() {
		AtomicInteger tries = new AtomicInteger();
		beans().onAnswer = (exchange) -> (tries.getAndIncrement() == 0) ? Mono.error(new IOException("once"))
				: Mono.empty();
		try (ClientHandshake client = client("retried")) {
			RawPeer first = upstream.accept().glue(WireFrame.text("first")).acceptWebSocket();
			RawPeer second = upstream.accept().glue(WireFrame.text("second")).acceptWebSocket();
			first.drainToEnd();
			assertThat(client.connected().receiveFrame().payloadAsText()).isEqualTo("second");
			second.close();
		}
	}

	private static ClientHandshake client(String route) {
		return gateway.client().path("/" + route).start();
	}

	private static RawUpstream upstream(String route) {
		return route.equals("wss") ? secure : upstream;
	}

	private static Beans beans() {
		return gateway.bean(Beans.class);
	}

	private static WatchedTransport transport() {
		return gateway.bean(WatchedTransport.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		/** What each upgrade has been told, in its order. */
		private final Queue<StringBuffer> admissions = new ConcurrentLinkedQueue<>();

		private volatile Function<ServerWebExchange, Mono<Void>> onAnswer = (exchange) -> Mono.empty();

		@Bean
		@WsPolicy
		UpgradePolicy recording() {
			return (upgrade) -> Mono.fromSupplier(() -> {
				StringBuffer calls = new StringBuffer();
				this.admissions.add(calls);
				return UpgradeVerdict.accept(new Admission() {

					@Override
					public void onOpen(ProxiedSession session) {
						calls.append("open ");
					}

					@Override
					public void onEnd() {
						calls.append("end ");
					}

				});
			});
		}

		@Bean
		GlobalFilter answerFilter() {
			return new AnswerFilter((exchange) -> this.onAnswer.apply(exchange));
		}

	}

	/** Sees the response after ws-policy has received it, and before the client does. */
	private record AnswerFilter(Function<ServerWebExchange, Mono<Void>> onAnswer) implements GlobalFilter, Ordered {

		@Override
		public int getOrder() {
			// Behind the filters of the routes
			return 100;
		}

		@Override
		public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
			return chain.filter(exchange).then(Mono.defer(() -> this.onAnswer.apply(exchange)));
		}

	}

}
