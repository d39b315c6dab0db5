package dev.wspolicy.proving.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.proving.faults.SequenceClients.Transport;
import dev.wspolicy.proving.site.ProvedGateway;
import dev.wspolicy.proving.site.Toxic;
import dev.wspolicy.proving.site.ToxicProxy;
import dev.wspolicy.proving.site.ToxicProxy.Toxics;
import dev.wspolicy.testkit.TestCertificates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Numbered frames both ways through sessions that close in order, lose their client, lose
 * their upstream, or have their upstream killed, on good and on bad connections, over
 * TCP, TLS and HTTP/2, some with compression, and some with policies that let frames or
 * messages wait. No frame is lost, doubled, changed or reordered while both legs live,
 * and none before an orderly close.
 */
class SequenceTests {

	private static final int SESSIONS = 6;

	private final AtomicLong ids = new AtomicLong();

	private final AtomicLong frames = new AtomicLong();

	private final AtomicLong refused = new AtomicLong();

	private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

	private final AtomicLong compressed = new AtomicLong();

	@ParameterizedTest
	@EnumSource(names = { "TLS", "HTTP_2" })
	void thousands(Transport transport) throws Exception {
		run(transport, 100_000, 5_000, Duration.ofSeconds(3));
	}

	@ParameterizedTest
	@EnumSource
	@Tag("proving")
	void hundredMillion(Transport transport) throws Exception {
		run(transport, Long.getLong("proving.frames", transport.frames()), 200_000,
				Duration.ofMinutes(Integer.getInteger("proving.minutes", 15)));
	}

	private void run(Transport transport, long most, int mostPerSession, Duration time) throws Exception {
		Seed seed = Seed.of("Numbered frames, " + transport);
		boolean tls = transport != Transport.TCP;
		TestCertificates certificates = TestCertificates.localhost();
		Random toxics = seed.trial(0);
		try (SequenceServer server = new SequenceServer(tls ? certificates.server() : null);
				ToxicProxy toUpstream = ToxicProxy.to(server.port(), () -> toxics(toxics));
				ProvedGateway gateway = gateway(transport, server, toUpstream);
				ToxicProxy toGateway = ToxicProxy.to(gateway.port(), () -> toxics(toxics));
				SequenceClients clients = new SequenceClients(transport, gateway.port(), toGateway.port())) {
			long begin = System.nanoTime();
			long end = begin + time.toNanos();
			List<Thread> threads = new ArrayList<>();
			for (int i = 1; i <= SESSIONS; i++) {
				Random random = seed.trial(i);
				threads.add(start(() -> {
					while (this.wrong.isEmpty() && this.frames.get() < most && System.nanoTime() < end) {
						talk(random, mostPerSession, server, clients);
					}
				}));
			}
			int restarts = 0;
			while (threads.stream().anyMatch(Thread::isAlive)) {
				// The server is killed every now and then.
				LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
				if (System.nanoTime() < end && this.frames.get() < most) {
					server.restart();
					restarts++;
				}
			}
			gateway.awaitNoSessions();
			assertThat(clients.isConnected()).isTrue();
			System.out.printf(
					"%,d frames in %,d sessions, %,d of which with compression, in %d s, %d restarts, %d refused with 502%n",
					this.frames.get(), this.ids.get(), this.compressed.get(),
					(System.nanoTime() - begin) / 1_000_000_000, restarts, this.refused.get());
		}
		assertThat(this.wrong).isEmpty();
		assertThat(this.frames.get()).isPositive();
		assertThat(this.compressed.get()).isPositive();
	}

	private static ProvedGateway gateway(Transport transport, SequenceServer server, ToxicProxy toxic) {
		String scheme = (transport == Transport.TCP) ? "ws" : "wss";
		ProvedGateway.Builder builder = ProvedGateway.with(Policies.class);
		if (transport != Transport.TCP) {
			builder.tls(TestCertificates.localhost());
		}
		if (transport == Transport.HTTP_2) {
			builder.http2();
		}
		// However busy the machine is.
		return builder.pipeline("default", "session.handshake-timeout", "1m")
			.pipeline("default", "session.close-timeout", "1m")
			.pipeline("default", "limits.fragments", 10)
			.pipeline("default", "compression.client", true)
			.pipeline("default", "compression.upstream", true)
			.pipeline("default", "compression.min-size", "12B")
			.route("plain", URI.create(scheme + "://localhost:" + server.port()))
			.route("toxic", URI.create(scheme + "://localhost:" + toxic.port()))
			.route("judged", URI.create(scheme + "://localhost:" + server.port()))
			.route("held", URI.create(scheme + "://localhost:" + server.port()))
			.start();
	}

	private void talk(Random random, int most, SequenceServer server, SequenceClients clients) {
		int kind = random.nextInt(9);
		Talk.Fate fate = switch (random.nextInt(8)) {
			case 0 -> Talk.Fate.CLIENT_DIES;
			case 1 -> Talk.Fate.UPSTREAM_DIES;
			default -> Talk.Fate.CLOSES;
		};
		String route = switch (kind) {
			case 0 -> "toxic";
			case 1 -> "judged";
			case 2 -> "held";
			default -> "plain";
		};
		boolean slow = kind <= 3;
		long id = this.ids.incrementAndGet();
		// The client only, the upstream only, or both.
		Way way = new Way(id % 4 == 1, id % 8 == 2 || id % 8 == 5, kind == 2);
		Talk talk = new Talk(id, fate, way, 1 + random.nextInt(slow ? Math.min(5_000, most) : most));
		server.announce(talk);
		try {
			SequencePeer client = SequencePeer.connect(clients.open(kind == 3), "/" + route + "/" + id, talk);
			if (client == null) {
				this.refused.incrementAndGet();
				return;
			}
			talk.run(client);
			this.frames.addAndGet(talk.frames(client));
			if (way.clientDeflates() || way.upstreamDeflates()) {
				this.compressed.incrementAndGet();
			}
		}
		catch (IOException | UncheckedIOException ex) {
			// The upstream was killed before there was a session.
			this.refused.incrementAndGet();
		}
		catch (Throwable ex) {
			this.wrong.add(new AssertionError(route + ", " + talk, ex));
		}
		finally {
			server.forget(talk);
		}
	}

	private static synchronized Toxics toxics(Random random) {
		return new Toxics(toxic(random), toxic(random));
	}

	private static Toxic toxic(Random random) {
		Random own = new Random(random.nextLong());
		return switch (random.nextInt(5)) {
			case 0 -> Toxic.latency(Duration.ofMillis(2), own);
			case 1 -> Toxic.slices(1 + random.nextInt(2000), own);
			case 2 -> Toxic.stall(random.nextInt(100_000), Duration.ofMillis(100));
			case 3 -> Toxic.bandwidth(2_000_000);
			default -> Toxic.NONE;
		};
	}

	private static Thread start(Runnable task) {
		Thread thread = new Thread(task, "talk");
		thread.start();
		return thread;
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		/** Netty ends a connection of HTTP/2 whose client resets many streams. */
		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> manyResets() {
			return (factory) -> factory.addServerCustomizers((server) -> server
				.http2Settings((settings) -> settings.maxDecodedRstFramesPerWindow(1_000_000, 30)));
		}

		/** Sees each frame, and lets some of them wait. */
		@Bean
		@WsPolicy(granularity = Granularity.FRAME, routes = "judged")
		FramePolicy sometimesLater() {
			return (frame, context) -> (frame.length() % 16 == 9)
					? Verdict.later(CompletableFuture.supplyAsync(Verdict::forward)) : Verdict.forward();
		}

		/** Holds each message, and lets some of them wait. */
		@Bean
		@WsPolicy(granularity = Granularity.MESSAGE, routes = "held")
		FramePolicy sometimesHeldLonger() {
			return (frame, context) -> (frame.length() % 8 == 1)
					? Verdict.later(CompletableFuture.supplyAsync(Verdict::forward)) : Verdict.forward();
		}

	}

}
