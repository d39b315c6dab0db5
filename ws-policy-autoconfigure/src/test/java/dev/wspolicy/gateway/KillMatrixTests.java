package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Forwarder;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that when a peer is lost, in each way and at each moment, the other one is closed
 * as documented, and all resources of the session are released.
 * <p>
 * All cases run concurrently. Each has a route of its own, whose name identifies
 * everything that belongs to it.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillMatrixTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final Map<KillCell, CompletableFuture<Void>> running = new LinkedHashMap<>();

	private static final Map<String, CompletableFuture<RawPeer>> arrivals = new ConcurrentHashMap<>();

	private static final Map<KillCell.Transport, SessionRecorder> recorders = new LinkedHashMap<>();

	private static final Map<KillCell.Transport, TestGateway> gateways = new LinkedHashMap<>();

	private static final Map<KillCell, Forwarder> processes = new ConcurrentHashMap<>();

	private static ExecutorService threads;

	/** For the cases that wait for a timeout, all at the same time. */
	private static ExecutorService patientThreads;

	private static RawUpstream upstream;

	@BeforeAll
	static void start() throws Exception {
		// If a case has failed, the class is run again in the same JVM.
		List.of(running, arrivals, recorders, gateways, processes).forEach(Map::clear);
		threads = Executors.newFixedThreadPool(24);
		patientThreads = Executors.newCachedThreadPool();
		upstream = RawUpstream.start()
			.serve((handshake) -> arrival(handshake.target()).complete(handshake.acceptWebSocket()));
		startProcesses(Side.UPSTREAM, (cell) -> upstream.port());
		for (KillCell.Transport transport : KillCell.Transport.values()) {
			start(transport);
		}
		startProcesses(Side.CLIENT, (cell) -> Objects.requireNonNull(gateways.get(cell.transport())).port());
		cells().forEach((cell) -> running.put(cell, CompletableFuture.runAsync(() -> run(cell),
				(cell.fate() == KillFate.SILENCE) ? patientThreads : threads)));
	}

	/**
	 * Starts the processes of the victims on a side before any case begins, since
	 * starting them takes all the time of the machine.
	 */
	private static void startProcesses(Side victim, ToIntFunction<KillCell> port) throws Exception {
		List<CompletableFuture<Void>> starting = new ArrayList<>();
		cells().filter((cell) -> cell.fate() == KillFate.KILLED && cell.victim() == victim)
			.forEach((cell) -> starting.add(CompletableFuture
				.runAsync(() -> processes.put(cell, Forwarder.to(port.applyAsInt(cell))), threads)));
		CompletableFuture.allOf(starting.toArray(CompletableFuture<?>[]::new)).get(2, TimeUnit.MINUTES);
	}

	private static void start(KillCell.Transport transport) {
		SessionRecorder recorder = new SessionRecorder();
		TestGateway.Builder builder = TestGateway.with(WatchedTransport.class, Beans.class)
			.bean(SessionRecorder.class, recorder)
			.http2()
			.set("test.nio", transport == KillCell.Transport.NIO)
			.set("ws-policy.log-sessions", false);
		String pipelines = "ws-policy.pipelines.";
		for (KillCell.Policies policies : KillCell.Policies.values()) {
			for (String patience : List.of("patient", "hasty")) {
				String pipeline = pipelines + policies.pipeline() + "-" + patience;
				builder.set(pipeline + ".content-type", "text/plain");
				if (policies != KillCell.Policies.NONE) {
					builder.set(pipeline + ".inbound[0]", policies.pipeline());
					builder.set(pipeline + ".outbound[0]", policies.pipeline());
				}
				if (patience.equals("hasty")) {
					// Longer than a case can be held up between two steps, and far enough
					// apart
					builder.set(pipeline + ".session.close-timeout", "4s")
						.set(pipeline + ".session.frame-timeout", "3s")
						.set(pipeline + ".session.heartbeat.interval", "4s")
						.set(pipeline + ".session.heartbeat.timeout", "4s")
						.set(pipeline + ".session.verdict-timeout", "14s");
				}
				else {
					// Nothing waits for this one
					builder.set(pipeline + ".session.close-timeout", "1m");
				}
			}
		}
		cells().filter((cell) -> cell.transport() == transport)
			.forEach((cell) -> builder.route(cell.name(), upstreamUri(cell), "WsPolicy=" + cell.pipeline()));
		gateways.put(transport, builder.start());
		recorders.put(transport, recorder);
	}

	@AfterAll
	static void stop() {
		threads.shutdownNow();
		patientThreads.shutdownNow();
		gateways.values().forEach(TestGateway::close);
		upstream.close();
		processes.values().forEach(Forwarder::close);
	}

	static Stream<KillCell> cells() {
		return Stream.of(KillCell.Transport.values())
			.flatMap((transport) -> Stream.of(ClientLeg.values())
				.flatMap((leg) -> Stream.of(Side.values())
					.flatMap((victim) -> Stream.of(KillFate.values())
						.flatMap((fate) -> Stream.of(KillMoment.values())
							.map((moment) -> new KillCell(transport, leg, victim, fate, moment))))))
			.filter(KillCell::exists);
	}

	@ParameterizedTest
	@MethodSource("cells")
	@Order(1)
	void otherPeerIsClosedAsDocumented(KillCell cell) throws Throwable {
		try {
			Objects.requireNonNull(running.get(cell)).get(2, TimeUnit.MINUTES);
		}
		catch (ExecutionException ex) {
			throw ex.getCause();
		}
	}

	@Test
	@Order(2)
	void allResourcesAreReleased() {
		running.values().forEach((run) -> run.exceptionally((ex) -> null).join());
		gateways.forEach((transport, gateway) -> {
			gateway.awaitNoSessions();
			WatchedTransport watched = gateway.bean(WatchedTransport.class);
			SessionRecorder recorder = Objects.requireNonNull(recorders.get(transport));
			assertThat(watched.isNio()).isEqualTo(transport == KillCell.Transport.NIO || !Epoll.isAvailable());
			await().untilAsserted(() -> assertThat(watched.openChannels()).as("open channels").isZero());
			await().untilAsserted(() -> assertThat(watched.usedBytes()).as("bytes in buffers").isZero());
			assertThat(recorder.terminations()).as("sessions that ended twice").isEmpty();
			assertThat(recorder.opened())
				.isEqualTo((int) cells().filter((cell) -> cell.transport() == transport).count());
			// No timer, promise or channel refers to a session any more
			await().untilAsserted(() -> {
				System.gc();
				assertThat(recorder.reachable()).isEmpty();
			});
		});
	}

	private static CompletableFuture<RawPeer> arrival(String target) {
		return arrivals.computeIfAbsent(target, (key) -> new CompletableFuture<>());
	}

	private static Object upstreamUri(KillCell cell) {
		Forwarder process = processes.get(cell);
		return (process != null) ? "ws://localhost:" + process.port() : upstream.uri();
	}

	private static void run(KillCell cell) {
		TestGateway gateway = Objects.requireNonNull(gateways.get(cell.transport()));
		SessionRecorder recorder = Objects.requireNonNull(recorders.get(cell.transport()));
		try (RawSession session = open(cell, gateway.port())) {
			KillScene scene = new KillScene(cell, session, gateway, recorder, processes.get(cell));
			cell.moment().come(scene);
			cell.fate().strike(scene);
			scene.verify(cell.expected());
		}
	}

	private static RawSession open(KillCell cell, int gateway) {
		Forwarder process = processes.get(cell);
		int port = (process != null && cell.victim() == Side.CLIENT) ? process.port() : gateway;
		RawPeer client = RawClient.to(port)
			.over(cell.leg())
			.path("/" + cell.name())
			.start()
			.connected()
			.timeout(TIMEOUT);
		return new RawSession(client, arrival("/" + cell.name()).join().timeout(TIMEOUT));
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		final Map<String, CompletableFuture<Verdict>> questions = new ConcurrentHashMap<>();

		@Bean
		FramePolicy reading() {
			return (frame, context) -> {
				assertThat(frame.toByteArray()).hasSize(frame.length());
				return Verdict.forward();
			};
		}

		@Bean
		FramePolicy waiting() {
			return (frame, context) -> {
				CompletableFuture<Verdict> answer = new CompletableFuture<>();
				this.questions.put(context.upgrade().path(), answer);
				return Verdict.later(Mono.fromFuture(answer));
			};
		}

	}

}
