package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.channel.epoll.Epoll;
import org.jspecify.annotations.Nullable;
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

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.testkit.Forwarder;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One peer is lost, in each way and at each moment: the other one is told what was
 * promised, and nothing of the session is left.
 * <p>
 * All cells run at the same time. Each has a route of its own, by whose name all else is
 * found.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillMatrixTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final Map<Cell, CompletableFuture<Void>> running = new LinkedHashMap<>();

	private static final Map<String, CompletableFuture<RawPeer>> arrivals = new ConcurrentHashMap<>();

	private static final Map<Transport, SessionRecorder> recorders = new LinkedHashMap<>();

	private static final Map<Transport, TestGateway> gateways = new LinkedHashMap<>();

	private static final Map<Cell, Forwarder> processes = new ConcurrentHashMap<>();

	private static ExecutorService threads;

	private static RawUpstream upstream;

	@BeforeAll
	static void start() throws Exception {
		threads = Executors.newFixedThreadPool(24);
		upstream = RawUpstream.start()
			.serve((handshake) -> arrival(handshake.target()).complete(handshake.acceptWebSocket()));
		List<CompletableFuture<Void>> starting = new ArrayList<>();
		cells().filter((cell) -> cell.fate == Fate.KILLED && cell.victim == Side.UPSTREAM)
			.forEach((cell) -> starting
				.add(CompletableFuture.runAsync(() -> processes.put(cell, Forwarder.to(upstream.port())), threads)));
		CompletableFuture.allOf(starting.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
		for (Transport transport : Transport.values()) {
			start(transport);
		}
		cells().forEach((cell) -> running.put(cell, CompletableFuture.runAsync(() -> run(cell), threads)));
	}

	private static void start(Transport transport) {
		SessionRecorder recorder = new SessionRecorder();
		TestGateway.Builder builder = TestGateway.with(WatchedTransport.class, Beans.class)
			.bean(SessionRecorder.class, recorder)
			.set("test.nio", transport == Transport.NIO)
			.set("ws-policy.log-sessions", false);
		String pipelines = "ws-policy.pipelines.";
		for (Policies policies : Policies.values()) {
			for (String patience : List.of("patient", "hasty")) {
				String pipeline = pipelines + policies.pipeline() + "-" + patience;
				builder.set(pipeline + ".content-type", "text/plain");
				if (policies != Policies.NONE) {
					builder.set(pipeline + ".inbound[0]", policies.pipeline());
					builder.set(pipeline + ".outbound[0]", policies.pipeline());
				}
				if (patience.equals("hasty")) {
					builder.set(pipeline + ".session.close-timeout", "700ms")
						.set(pipeline + ".session.frame-timeout", "300ms")
						.set(pipeline + ".session.verdict-timeout", "1500ms")
						.set(pipeline + ".session.heartbeat.interval", "400ms")
						.set(pipeline + ".session.heartbeat.timeout", "400ms");
				}
			}
		}
		cells().filter((cell) -> cell.transport == transport)
			.forEach((cell) -> builder.route(cell.name(), cell.upstreamUri(), "WsPolicy=" + cell.pipeline()));
		gateways.put(transport, builder.start());
		recorders.put(transport, recorder);
	}

	@AfterAll
	static void stop() {
		threads.shutdownNow();
		gateways.values().forEach(TestGateway::close);
		upstream.close();
		processes.values().forEach(Forwarder::close);
	}

	static Stream<Cell> cells() {
		return Stream.of(Transport.values())
			.flatMap((transport) -> Stream.of(Side.values())
				.flatMap((victim) -> Stream.of(Fate.values())
					.flatMap((fate) -> Stream.of(Moment.values())
						.map((moment) -> new Cell(transport, victim, fate, moment)))))
			// What a dead process leaves behind is no matter of the transport
			.filter((cell) -> cell.fate != Fate.KILLED || cell.transport == Transport.NATIVE);
	}

	@ParameterizedTest
	@MethodSource("cells")
	@Order(1)
	void otherPeerIsToldWhatWasPromised(Cell cell) throws Throwable {
		try {
			Objects.requireNonNull(running.get(cell)).get(60, TimeUnit.SECONDS);
		}
		catch (ExecutionException ex) {
			throw ex.getCause();
		}
	}

	@Test
	@Order(2)
	void nothingIsLeft() {
		running.values().forEach((run) -> run.exceptionally((ex) -> null).join());
		gateways.forEach((transport, gateway) -> {
			gateway.awaitNoSessions();
			WatchedTransport watched = gateway.bean(WatchedTransport.class);
			SessionRecorder recorder = Objects.requireNonNull(recorders.get(transport));
			assertThat(watched.isNio()).isEqualTo(transport == Transport.NIO || !Epoll.isAvailable());
			await().untilAsserted(() -> assertThat(watched.openChannels()).as("open channels").isZero());
			await().untilAsserted(() -> assertThat(watched.usedBytes()).as("bytes in buffers").isZero());
			assertThat(recorder.terminations()).as("sessions that ended twice").isEmpty();
			assertThat(recorder.opened())
				.isEqualTo((int) cells().filter((cell) -> cell.transport == transport).count());
			// No timer, no promise, no channel leads to a session any more
			await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
				System.gc();
				assertThat(recorder.reachable()).isEmpty();
			});
		});
	}

	private static CompletableFuture<RawPeer> arrival(String target) {
		return arrivals.computeIfAbsent(target, (key) -> new CompletableFuture<>());
	}

	private static void run(Cell cell) {
		try (RawSession session = open(cell)) {
			Scene scene = new Scene(cell, session.peer(cell.victim), session.peer(cell.victim.peer()));
			cell.moment.come(scene);
			cell.fate.strike(scene);
			scene.verify(cell.expected());
		}
	}

	private static RawSession open(Cell cell) {
		TestGateway gateway = Objects.requireNonNull(gateways.get(cell.transport));
		int port = gateway.port();
		if (cell.fate == Fate.KILLED && cell.victim == Side.CLIENT) {
			Forwarder process = Forwarder.to(port);
			processes.put(cell, process);
			port = process.port();
		}
		RawPeer client = RawClient.to(port).path("/" + cell.name()).start().connected().timeout(TIMEOUT);
		return new RawSession(client, arrival("/" + cell.name()).join().timeout(TIMEOUT));
	}

	enum Transport {

		NATIVE, NIO

	}

	/** What serves the session. */
	enum Policies {

		NONE, READING, WAITING;

		String pipeline() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/** What becomes of the victim. */
	enum Fate {

		FIN {

			@Override
			void strike(Scene scene) {
				scene.victim.close();
			}

		},

		RST {

			@Override
			void strike(Scene scene) {
				scene.victim.reset();
			}

		},

		SILENCE {

			@Override
			void strike(Scene scene) {
				// Says nothing, and takes what comes as far as the system does it
			}

		},

		HALF_CLOSE {

			@Override
			void strike(Scene scene) {
				scene.victim.shutdownOutput();
			}

		},

		KILLED {

			@Override
			void strike(Scene scene) {
				Objects.requireNonNull(processes.get(scene.cell)).kill();
			}

		};

		abstract void strike(Scene scene);

	}

	/** What is going on when it happens. */
	enum Moment {

		IDLE(Policies.NONE, Cause.HEARTBEAT_MISSED) {

			@Override
			void come(Scene scene) {
				scene.victimSays(WireFrame.text("to you"));
				assertThat(scene.next().payloadAsText()).isEqualTo("to you");
				scene.otherSays(WireFrame.text("to you, too"));
				assertThat(skipPings(scene.victim).payloadAsText()).isEqualTo("to you, too");
			}

		},

		MID_FRAME(Policies.NONE, Cause.FRAME_TIMEOUT) {

			@Override
			void come(Scene scene) {
				scene.victim.send(half(scene.cell.victim));
				assertThat(scene.other.receiveBytes(HALF)).hasSize(HALF);
			}

			@Override
			int closeCode(Cell cell) {
				// No close frame can stand inside a frame
				return RESET;
			}

		},

		MID_HELD_FRAME(Policies.READING, Cause.FRAME_TIMEOUT) {

			@Override
			void come(Scene scene) {
				scene.victim.send(half(scene.cell.victim));
				scene.waitUntilRead();
			}

		},

		MID_FRAME_FROM_THE_OTHER(Policies.NONE, Cause.FRAME_TIMEOUT) {

			@Override
			void come(Scene scene) {
				scene.other.send(half(scene.cell.victim.peer()));
				assertThat(scene.victim.receiveBytes(HALF)).hasSize(HALF);
				scene.restOfFrame = rest(scene.cell.victim.peer());
			}

		},

		MID_MESSAGE(Policies.NONE, Cause.HEARTBEAT_MISSED) {

			@Override
			void come(Scene scene) {
				scene.victimSays(WireFrame.text("to be ").fin(false));
				assertThat(scene.next().fin()).isFalse();
			}

		},

		MID_HELD_MESSAGE(Policies.READING, Cause.HEARTBEAT_MISSED) {

			@Override
			void come(Scene scene) {
				scene.victimSays(WireFrame.text("x".repeat(5000)).fin(false));
				scene.waitUntilRead();
			}

		},

		VERDICT_PENDING(Policies.WAITING, Cause.VERDICT_TIMEOUT) {

			@Override
			void come(Scene scene) {
				scene.victimSays(WireFrame.text("may I?"));
				scene.question();
			}

			@Override
			int closeCode(Cell cell) {
				return (cell.fate == Fate.SILENCE) ? 1011 : super.closeCode(cell);
			}

			@Override
			void after(Scene scene) {
				if (scene.cell.fate != Fate.SILENCE) {
					// What came before the loss is delivered before it is told
					scene.question().complete(Verdict.forward());
					assertThat(scene.next().payloadAsText()).isEqualTo("may I?");
				}
			}

			@Override
			void afterwards(Scene scene) {
				assertThat(scene.question()).isDone();
			}

		},

		VERDICT_PENDING_FOR_THE_OTHER(Policies.WAITING, Cause.HEARTBEAT_MISSED) {

			@Override
			void come(Scene scene) {
				scene.otherSays(WireFrame.text("may I?"));
				scene.question();
			}

			@Override
			void afterwards(Scene scene) {
				assertThat(scene.question()).isCancelled();
			}

		},

		CLOSING(Policies.NONE, Cause.CLOSE_FRAME) {

			@Override
			void come(Scene scene) {
				scene.otherSays(WireFrame.close(4321, "bye"));
				scene.otherHasClosed = true;
				assertThat(skipPings(scene.victim).closeCode()).isEqualTo(4321);
			}

			@Override
			int closeCode(Cell cell) {
				// Nobody can answer any more: its own words are all there is
				return 4321;
			}

			@Override
			Cause cause(Cell cell) {
				return Cause.CLOSE_FRAME;
			}

			@Override
			Side initiator(Cell cell) {
				return cell.victim.peer();
			}

		},

		CLOSE_SENT(Policies.NONE, Cause.CLOSE_FRAME) {

			@Override
			void come(Scene scene) {
				scene.victimSays(WireFrame.close(4321, "bye"));
				scene.closeOfVictim = scene.next();
			}

			@Override
			int closeCode(Cell cell) {
				return 4321;
			}

			@Override
			Cause cause(Cell cell) {
				return Cause.CLOSE_FRAME;
			}

		};

		private static final int RESET = -1;

		private static final int HALF = 600;

		private final Policies policies;

		private final Cause causeOfSilence;

		Moment(Policies policies, Cause causeOfSilence) {
			this.policies = policies;
			this.causeOfSilence = causeOfSilence;
		}

		abstract void come(Scene scene);

		/** Goes on, after the victim has been struck. */
		void after(Scene scene) {
		}

		void afterwards(Scene scene) {
		}

		int closeCode(Cell cell) {
			return (cell.fate != Fate.SILENCE && cell.victim == Side.UPSTREAM) ? 1011 : 1001;
		}

		Cause cause(Cell cell) {
			return (cell.fate == Fate.SILENCE) ? this.causeOfSilence : Cause.CONNECTION_LOST;
		}

		Side initiator(Cell cell) {
			return cell.victim;
		}

		private static byte[] frame(Side sender) {
			return WireFrame.binary(new byte[1000]).from(sender).encode();
		}

		private static byte[] half(Side sender) {
			return Arrays.copyOf(frame(sender), HALF);
		}

		private static byte[] rest(Side sender) {
			byte[] frame = frame(sender);
			return Arrays.copyOfRange(frame, HALF, frame.length);
		}

	}

	private static WireFrame skipPings(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		return (frame.opcode() == WireFrame.PING) ? skipPings(peer) : frame;
	}

	/**
	 * One case.
	 *
	 * @param transport what the gateway runs on
	 * @param victim who is lost
	 * @param fate how
	 * @param moment when
	 */
	record Cell(Transport transport, Side victim, Fate fate, Moment moment) {

		String name() {
			return String.join("-", this.transport.name(), this.victim.name(), this.fate.name(), this.moment.name())
				.toLowerCase(Locale.ROOT)
				.replace('_', '-');
		}

		String pipeline() {
			return this.moment.policies.pipeline() + ((this.fate == Fate.SILENCE) ? "-hasty" : "-patient");
		}

		Object upstreamUri() {
			Forwarder process = processes.get(this);
			return (process != null) ? "ws://localhost:" + process.port() : upstream.uri();
		}

		Expected expected() {
			Cause cause = this.moment.cause(this);
			Initiator initiator = (this.moment.initiator(this) == Side.CLIENT) ? Initiator.CLIENT : Initiator.UPSTREAM;
			boolean byPeer = cause == Cause.CONNECTION_LOST || cause == Cause.CLOSE_FRAME;
			return new Expected(this.moment.closeCode(this), cause, byPeer ? initiator : Initiator.GATEWAY);
		}

		@Override
		public String toString() {
			return name();
		}

	}

	private record Expected(int closeCode, Cause cause, Initiator initiator) {

	}

	/**
	 * The two peers of a case.
	 */
	private static final class Scene {

		private final Cell cell;

		private final RawPeer victim;

		private final RawPeer other;

		private boolean otherHasClosed;

		private @Nullable WireFrame closeOfVictim;

		private byte @Nullable [] restOfFrame;

		Scene(Cell cell, RawPeer victim, RawPeer other) {
			this.cell = cell;
			this.victim = victim;
			this.other = other;
		}

		void victimSays(WireFrame frame) {
			this.victim.send(frame.from(this.cell.victim));
		}

		void otherSays(WireFrame frame) {
			this.other.send(frame.from(this.cell.victim.peer()));
		}

		/** What the other one is sent next; it lives, and answers pings. */
		WireFrame next() {
			WireFrame frame = this.other.receiveFrame();
			while (frame.opcode() == WireFrame.PING) {
				otherSays(WireFrame.pong(frame.payload()));
				frame = this.other.receiveFrame();
			}
			return frame;
		}

		CompletableFuture<Verdict> question() {
			TestGateway gateway = Objects.requireNonNull(gateways.get(this.cell.transport));
			return await().until(() -> gateway.bean(Beans.class).questions.get(path()), Objects::nonNull);
		}

		/** Nobody is sent what the victim has said, so nobody can tell. */
		void waitUntilRead() {
			// A ping may stand between fragments, and only then has no effect on them
			TestGateway gateway = Objects.requireNonNull(gateways.get(this.cell.transport));
			await().until(() -> gateway.sessions()
				.stream()
				.filter((session) -> session.upgrade().path().equals(path()))
				.anyMatch((session) -> session.counts(this.cell.victim.sends()).bytes() > 0));
		}

		private String path() {
			return "/" + this.cell.name();
		}

		void verify(Expected expected) {
			this.cell.moment.after(this);
			if (expected.closeCode() == Moment.RESET) {
				this.other.expectReset();
			}
			else {
				WireFrame close = (this.closeOfVictim != null) ? this.closeOfVictim : next();
				assertThat(close.opcode()).isEqualTo(WireFrame.CLOSE);
				assertThat(close.closeCode()).isEqualTo(expected.closeCode());
				endOther(close);
			}
			boolean victimIsThere = this.cell.fate == Fate.SILENCE || this.cell.fate == Fate.HALF_CLOSE;
			if (victimIsThere) {
				this.victim.drainToEnd();
			}
			Termination termination = Objects.requireNonNull(recorders.get(this.cell.transport)).termination(path());
			assertThat(termination.cause()).isEqualTo(expected.cause());
			assertThat(termination.initiator()).isEqualTo(expected.initiator());
			this.cell.moment.afterwards(this);
		}

		private void endOther(WireFrame close) {
			if (this.restOfFrame != null) {
				this.other.send(this.restOfFrame);
			}
			if (!this.otherHasClosed) {
				otherSays(WireFrame.close(close.closeCode()));
			}
			if (this.cell.victim == Side.CLIENT) {
				// The gateway is the client here, and waits for the server's end
				this.other.shutdownOutput();
			}
			this.other.expectEof();
			this.other.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final Map<String, CompletableFuture<Verdict>> questions = new ConcurrentHashMap<>();

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
				return Verdict.later(answer);
			};
		}

	}

}
