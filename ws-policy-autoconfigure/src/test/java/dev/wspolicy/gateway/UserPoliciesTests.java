package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Policies as users write them.
 */
@ExtendWith(OutputCaptureExtension.class)
class UserPoliciesTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.pipeline("session.close-timeout", "1s")
		.pipeline("session.verdict-timeout", "400ms")
		.pipeline("listed", "inbound[0]", "add-star")
		.pipeline("listed", "inbound[1].shout.suffix", "!")
		.pipeline("listed", "inbound[1].shout.times", "3")
		.pipeline("listed", "inbound[2].shout.suffix", "?")
		.pipeline("listed", "inbound[3]", "second_policy")
		.pipeline("listed", "content-type", "text/plain")
		.pipeline("scripted", "inbound[0]", "scripted")
		.pipeline("scripted", "outbound[0]", "scripted")
		.pipeline("scripted", "session.verdict-timeout", "5s")
		.routes("annotated", "blocking", "blocking-both", "control", "on-error-close", "on-error-drop",
				"on-error-forward", "never")
		.routesByName("listed", "scripted");

	@AfterEach
	void everySessionHasEnded() {
		gateway.awaitNoSessions();
		beans().events.clear();
		beans().script = null;
	}

	@Test
	void annotatedPoliciesRunInSpringsOrder() {
		try (RawSession session = open("annotated")) {
			session.client().send(WireFrame.text("x").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x123");
			session.client().send(WireFrame.binary((byte) 7).masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.binary((byte) 7).masked());
			session.upstream().send(WireFrame.text("y"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("y");
		}
	}

	@Test
	void policiesOfOneSubprotocolOnly() {
		try (ClientHandshake handshake = gateway.client().path("/annotated").subprotocol("chat.v2").start()) {
			RawPeer server = gateway.upstream().accept().subprotocol("chat.v2").acceptWebSocket();
			RawPeer client = handshake.connected();
			client.send(WireFrame.text("x").masked());
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("x123v2");
			server.close();
		}
	}

	@Test
	void listedPoliciesRunInTheirOrderAfterTheAnnotatedOnes() {
		try (RawSession session = open("listed")) {
			session.client().send(WireFrame.text("x").masked());
			// 'second' is annotated and listed: it runs where it is listed
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x*!!!?2");
			session.upstream().send(WireFrame.text("y"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("y");
		}
		assertThat(beans().contentType).isEqualTo("text/plain");
	}

	@Test
	void blockingPolicyMayBlock() throws Exception {
		try (RawSession session = open("blocking")) {
			session.client().send(WireFrame.text("1").masked(), WireFrame.text("2").masked());
			// Neither the other direction nor another session on the same loop waits
			session.upstream().send(WireFrame.text("back"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("back");
			try (RawSession another = open("annotated")) {
				another.client().send(WireFrame.text("x").masked());
				assertThat(another.upstream().receiveFrame().payloadAsText()).isEqualTo("x123");
			}
			beans().latch.countDown();
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("blocked 1");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("blocked 2");
		}
	}

	@Test
	void blockingPolicyIsCalledOnceAtATimeAndOpenedFirst() {
		BlockingBoth policy = gateway.bean(BlockingBoth.class);
		for (int round = 0; round < 20; round++) {
			try (RawSession session = open("blocking-both")) {
				for (int i = 0; i < 20; i++) {
					session.client().send(WireFrame.text("in" + i).masked());
					session.upstream().send(WireFrame.text("out" + i));
				}
				for (int i = 0; i < 20; i++) {
					assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("in" + i);
					assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("out" + i);
				}
			}
		}
		await().untilAsserted(() -> assertThat(policy.closed).hasValue(20));
		assertThat(policy.problems).isEmpty();
	}

	@Test
	void verdictThatIsGivenLaterByMonoOrFuture() {
		AtomicInteger count = new AtomicInteger();
		script((frame, context) -> {
			Verdict verdict = Verdict.replaceText(((TextFrame) frame).text() + "+");
			Duration delay = Duration.ofMillis((count.getAndIncrement() % 3) * 20);
			return (count.get() % 2 == 0) ? Verdict.later(Mono.delay(delay).thenReturn(verdict))
					: Verdict.later(CompletableFuture.supplyAsync(() -> verdict,
							CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)));
		});
		try (RawSession session = open("scripted")) {
			WireFrame[] frames = new WireFrame[30];
			for (int i = 0; i < frames.length; i++) {
				frames[i] = WireFrame.text("m" + i).masked();
			}
			session.client().send(frames);
			for (int i = 0; i < frames.length; i++) {
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("m" + i + "+");
			}
		}
	}

	@Test
	void laterWithinLaterAndFrameReadOnAnotherThread() {
		script((frame,
				context) -> Verdict.later(Mono.fromCallable(() -> ((TextFrame) frame).text())
					.subscribeOn(Schedulers.parallel())
					.map((text) -> Verdict.later(Mono.just(Verdict.replaceText(text + " read"))))));
		try (RawSession session = open("scripted")) {
			session.upstream().send(WireFrame.text("x".repeat(1000)));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("x".repeat(1000) + " read");
		}
	}

	@Test
	void reply() {
		script((frame, context) -> Verdict.reply(TextFrame.of("pong of the gateway"), PingFrame.of(new byte[] { 1 })));
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("swallowed").masked());
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("pong of the gateway"));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.ping((byte) 1));
			session.upstream().send(WireFrame.text("swallowed"));
			WireFrame answer = session.upstream().receiveFrame();
			assertThat(answer.isMasked()).isTrue();
			assertThat(answer.payloadAsText()).isEqualTo("pong of the gateway");
		}
	}

	@Test
	void replaceByNoneAndBySeveral() {
		script((frame, context) -> {
			String text = ((TextFrame) frame).text();
			return text.isEmpty() ? Verdict.replace() : Verdict.replace(TextFrame.of(text), BinaryFrame.of(new byte[3]),
					PongFrame.of(new byte[2]), TextFrame.of("end"));
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("").masked(), WireFrame.text("a").masked());
			assertThat(session.upstream().receiveFrames(4)).extracting(WireFrame::unmasked)
				.containsExactly(WireFrame.text("a"), WireFrame.binary(new byte[3]), WireFrame.pong(new byte[2]),
						WireFrame.text("end"));
		}
	}

	@Test
	void drop() {
		script((frame, context) -> ((TextFrame) frame).text().contains("rude") ? Verdict.drop() : Verdict.forward());
		try (RawSession session = open("scripted")) {
			WireFrame polite = WireFrame.text("polite").masked();
			session.client().send(WireFrame.text("rude").masked(), polite, WireFrame.text("rude too").masked(), polite);
			assertThat(session.upstream().receiveFrames(2)).containsExactly(polite, polite);
		}
	}

	@Test
	void closeWithTwoStatuses() throws Exception {
		script((frame, context) -> Verdict.close(CloseStatus.of(4001, "to client"),
				CloseStatus.of(4002, "to upstream")));
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("a").masked(), WireFrame.text("b").masked());
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.close(4001, "to client"));
			assertThat(session.upstream().receiveFrame().unmasked()).isEqualTo(WireFrame.close(4002, "to upstream"));
		}
		Termination termination = closed();
		assertThat(termination.cause()).isEqualTo(Cause.POLICY);
		assertThat(termination.initiator()).isEqualTo(Termination.Initiator.GATEWAY);
		assertThat(termination.toClient()).isEqualTo(CloseStatus.of(4001, "to client"));
		assertThat(termination.toUpstream()).isEqualTo(CloseStatus.of(4002, "to upstream"));
	}

	@ParameterizedTest
	@CsvSource({ "throws", "null", "illegal", "fails later", "empty later", "error" })
	void onError(String how, CapturedOutput output) throws Exception {
		for (OnError onError : OnError.values()) {
			String route = "on-error-" + onError.name().toLowerCase(Locale.ROOT);
			try (RawSession session = open(route)) {
				WireFrame bad = WireFrame.text(how).masked();
				WireFrame good = WireFrame.text("good").masked();
				session.client().send(good, bad, bad, good);
				assertThat(session.upstream().receiveFrame()).isEqualTo(good);
				if (onError == OnError.CLOSE) {
					assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1011);
					assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
				}
				else {
					if (onError == OnError.FORWARD) {
						assertThat(session.upstream().receiveFrames(2)).containsExactly(bad, bad);
					}
					assertThat(session.upstream().receiveFrame()).isEqualTo(good);
				}
			}
			assertThat(closed().cause())
				.isEqualTo((onError == OnError.CLOSE) ? Cause.POLICY_FAILURE : Cause.CONNECTION_LOST);
			assertThat(output.getOut().split("route '" + route + "'", -1)).as("logged once").hasSize(2);
		}
	}

	@Test
	void verdictThatNeverComes() throws Exception {
		try (RawSession session = open("never")) {
			session.client().send(WireFrame.text("?").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1011);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1011);
		}
		assertThat(closed().cause()).isEqualTo(Cause.VERDICT_TIMEOUT);
		assertThat(beans().never.isCancelled()).isTrue();
	}

	@Test
	void invalidUtf8IsClosedWhateverThePolicyMakesOfIt() throws Exception {
		script((frame, context) -> {
			try {
				return Verdict.replaceText(((TextFrame) frame).text());
			}
			catch (RuntimeException ex) {
				return Verdict.forward();
			}
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text(new byte[] { (byte) 0xFF, 'a' }).masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1007);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		assertThat(closed().cause()).isEqualTo(Cause.INVALID_PAYLOAD);
	}

	@Test
	void controlFramesForWhomTheyWereAskedFor() {
		try (RawSession session = open("control")) {
			session.client().send(WireFrame.ping("drop").masked(), WireFrame.ping("keep").masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.ping("keep").masked());
			session.client().send(WireFrame.close(4000, "secret").masked());
			WireFrame close = session.upstream().receiveFrame();
			assertThat(close.unmasked()).isEqualTo(WireFrame.close(4001, "changed"));
			session.upstream().send(WireFrame.close(4001));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4001);
		}
	}

	@Test
	void frameReadAfterItsVerdictThrows() {
		BlockingQueue<Frame> kept = new LinkedBlockingQueue<>();
		script((frame, context) -> {
			kept.add(frame);
			kept.add(frame.copy());
			return Verdict.forward();
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("kept").masked());
			session.upstream().receiveFrame();
			Frame gone = kept.remove();
			assertThat(catchThrowable(gone::toByteArray)).isInstanceOf(IllegalStateException.class);
			assertThat(gone.length()).isEqualTo(4);
			assertThat(((TextFrame) kept.remove()).text()).isEqualTo("kept");
		}
	}

	@Test
	void sessionSendsFromAnyThreadBetweenFrames() {
		try (RawSession session = open("annotated")) {
			ProxiedSession live = session();
			byte[] frame = WireFrame.binary(new byte[1000]).encode();
			session.upstream().send(Arrays.copyOf(frame, 400));
			session.client().receiveBytes(400);
			live.send(Side.CLIENT, TextFrame.of("waits for the frame's end"));
			live.send(Side.UPSTREAM, TextFrame.of("need not wait"));
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("need not wait");
			session.upstream().send(Arrays.copyOfRange(frame, 400, frame.length));
			session.client().receiveBytes(frame.length - 400);
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("waits for the frame's end");
			session.upstream().send(WireFrame.text("a").fin(false));
			session.client().receiveFrame();
			live.send(Side.CLIENT, TextFrame.of("waits for the message's end"));
			live.send(Side.CLIENT, PingFrame.of(new byte[0]));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.ping());
			session.upstream().send(WireFrame.continuation("b"));
			session.client().receiveFrame();
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("waits for the message's end");
			assertThat(catchThrowable(() -> live.send(Side.CLIENT, CloseFrame.of(CloseStatus.NORMAL))))
				.isInstanceOf(IllegalArgumentException.class);
		}
	}

	@Test
	void manyThreadsSendAndNothingIsLost() {
		try (RawSession session = open("annotated")) {
			ProxiedSession live = session();
			int threads = 4;
			int each = 250;
			for (int t = 0; t < threads; t++) {
				int thread = t;
				CompletableFuture.runAsync(() -> {
					for (int i = 0; i < each; i++) {
						live.send(Side.CLIENT, TextFrame.of(thread + ":" + i));
					}
				});
			}
			int[] next = new int[threads];
			for (WireFrame frame : session.client().receiveFrames(threads * each)) {
				String[] parts = frame.payloadAsText().split(":");
				assertThat(Integer.parseInt(parts[1])).isEqualTo(next[Integer.parseInt(parts[0])]++);
			}
		}
	}

	@Test
	void attributesAndCountsOfTheSession() {
		script((frame, context) -> {
			int seen = (int) context.session().attributes().merge("seen", 1, (a, b) -> (int) a + (int) b);
			return Verdict.replaceText(context.direction() + " " + seen);
		});
		try (RawSession session = open("scripted")) {
			session.client().send(WireFrame.text("a").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("INBOUND 1");
			session.upstream().send(WireFrame.text("bcd"), WireFrame.ping("x"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("OUTBOUND 2");
			session.client().receiveFrame();
			ProxiedSession live = session();
			assertThat(live.attributes()).isEqualTo(Map.of("seen", 2));
			assertThat(live.counts(Direction.INBOUND).messages()).isEqualTo(1);
			assertThat(live.counts(Direction.OUTBOUND).frames()).isEqualTo(2);
			assertThat(live.counts(Direction.OUTBOUND).bytes()).isEqualTo(4);
			assertThat(live.pipeline()).isEqualTo("scripted");
			assertThat(live.isOpen()).isTrue();
			assertThat(gateway.sessions().find(live.id())).containsSame(live);
		}
	}

	@Test
	void listenersAndPoliciesHearOfOpenAndCloseOnce() throws Exception {
		String id;
		try (RawSession session = open("annotated")) {
			id = session().id();
			assertThat(event(id)).startsWith("policy open ");
			assertThat(event(id)).startsWith("listener open ");
			session.client().send(WireFrame.close(1000, "bye").masked());
			session.upstream().receiveFrame();
			session.upstream().send(WireFrame.close(1000, "bye bye"));
			session.client().receiveFrame();
		}
		assertThat(event(id)).startsWith("policy close ");
		assertThat(event(id)).startsWith("listener close ").contains("initiator=CLIENT", "cause=CLOSE_FRAME");
		gateway.awaitNoSessions();
		assertThat(beans().events).noneMatch((event) -> event.contains(id));
	}

	/**
	 * The next that is told of this session: listeners may hear of another's end at any
	 * time.
	 */
	private static String event(String id) throws InterruptedException {
		while (true) {
			String event = Objects.requireNonNull(beans().events.poll(5, TimeUnit.SECONDS));
			if (event.contains(id)) {
				return event;
			}
		}
	}

	private static Termination closed() {
		Termination termination = gateway.termination();
		while (!gateway.recorder().terminations().isEmpty()) {
			termination = gateway.termination();
		}
		return termination;
	}

	private static ProxiedSession session() {
		return await().until(() -> gateway.sessions().stream().findFirst().orElse(null), Objects::nonNull);
	}

	private static void script(FramePolicy script) {
		beans().script = script;
	}

	private static Policies beans() {
		return gateway.bean(Policies.class);
	}

	private static RawSession open(String route) {
		gateway.recorder().clear();
		return gateway.open(route);
	}

	private static Verdict append(Frame frame, String suffix) {
		return Verdict.replaceText(((TextFrame) frame).text() + suffix);
	}

	@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = "annotated")
	@Order(1)
	static class First implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return append(frame, "1");
		}

	}

	@WsPolicy(routes = "blocking-both", blocking = true)
	static class BlockingBoth implements FramePolicy {

		private final AtomicInteger closed = new AtomicInteger();

		private final BlockingQueue<String> problems = new LinkedBlockingQueue<>();

		@Override
		public void onOpen(ProxiedSession session) {
			enter(session);
			session.attributes().put("opened", true);
			leave(session);
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			enter(context.session());
			if (!context.session().attributes().containsKey("opened")) {
				this.problems.add("a frame before onOpen");
			}
			leave(context.session());
			return Verdict.forward();
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			enter(session);
			leave(session);
			this.closed.incrementAndGet();
		}

		private void enter(ProxiedSession session) {
			if (session.attributes().put("busy", true) != null) {
				this.problems.add("two calls at a time");
			}
			try {
				// What blocks
				new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private void leave(ProxiedSession session) {
			session.attributes().remove("busy");
		}

	}

	record ShoutSettings(@NotBlank String suffix, @DefaultValue("1") @Min(1) int times) {

	}

	static class Shout implements FramePolicyFactory<ShoutSettings> {

		@Override
		public String name() {
			return "shout";
		}

		@Override
		public Class<ShoutSettings> settingsType() {
			return ShoutSettings.class;
		}

		@Override
		public FramePolicy create(ShoutSettings settings) {
			return (frame, context) -> append(frame, settings.suffix().repeat(settings.times()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

		private final CountDownLatch latch = new CountDownLatch(1);

		private final CompletableFuture<Verdict> never = new CompletableFuture<>();

		private volatile @Nullable FramePolicy script;

		private volatile String contentType = "";

		@Bean
		@Order(3)
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = "ann*")
		FramePolicy third() {
			return new FramePolicy() {

				@Override
				public Verdict apply(Frame frame, FrameContext context) {
					return append(frame, "3");
				}

				@Override
				public void onOpen(ProxiedSession session) {
					Policies.this.events.add("policy open " + session.id());
				}

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					Policies.this.events.add("policy close " + session.id() + " " + termination);
				}

			};
		}

		@Bean
		First first() {
			return new First();
		}

		@Bean
		@Order(2)
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT, routes = { "annotated", "listed" })
		FramePolicy secondPolicy() {
			return (frame, context) -> append(frame, "2");
		}

		@Bean
		@Order(4)
		@WsPolicy(types = FrameType.TEXT, subprotocols = "chat.*")
		FramePolicy chatOnly() {
			return (frame, context) -> append(frame, "v2");
		}

		@Bean
		FramePolicy addStar() {
			return (frame, context) -> {
				this.contentType = context.contentType();
				return append(frame, "*");
			};
		}

		@Bean
		Shout shout() {
			return new Shout();
		}

		@Bean
		FramePolicy scripted() {
			return (frame, context) -> Objects.requireNonNull(this.script).apply(frame, context);
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, routes = "blocking", blocking = true)
		FramePolicy blocks() {
			return (frame, context) -> {
				try {
					this.latch.await();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
				return Verdict.replaceText("blocked " + ((TextFrame) frame).text());
			};
		}

		@Bean
		BlockingBoth blockingBoth() {
			return new BlockingBoth();
		}

		@Bean
		@WsPolicy(routes = "control", types = { FrameType.PING, FrameType.CLOSE }, direction = Direction.INBOUND)
		FramePolicy control() {
			return (frame, context) -> {
				if (frame instanceof CloseFrame) {
					return Verdict.replace(CloseFrame.of(CloseStatus.of(4001, "changed")));
				}
				return (frame.length() > 0 && frame.toByteArray()[0] == 'd') ? Verdict.drop() : Verdict.forward();
			};
		}

		@Bean
		@WsPolicy(routes = "on-error-close", direction = Direction.INBOUND)
		FramePolicy failingAndClosing() {
			return Policies::fail;
		}

		@Bean
		@WsPolicy(routes = "on-error-drop", direction = Direction.INBOUND, onError = OnError.DROP)
		FramePolicy failingAndDropping() {
			return Policies::fail;
		}

		@Bean
		@WsPolicy(routes = "on-error-forward", direction = Direction.INBOUND, onError = OnError.FORWARD)
		FramePolicy failingAndForwarding() {
			return Policies::fail;
		}

		@SuppressWarnings("NullAway")
		private static Verdict fail(Frame frame, FrameContext context) {
			return switch (((TextFrame) frame).text()) {
				case "throws" -> throw new IllegalStateException("on purpose");
				case "error" -> throw new StackOverflowError("on purpose");
				case "null" -> null;
				case "illegal" -> Verdict.reply(CloseFrame.of(CloseStatus.NORMAL));
				case "fails later" -> Verdict.later(Mono.error(new IllegalStateException("on purpose")));
				case "empty later" -> Verdict.later(Mono.empty());
				default -> Verdict.forward();
			};
		}

		@Bean
		@WsPolicy(routes = "never")
		FramePolicy never() {
			return (frame, context) -> Verdict.later(this.never);
		}

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onOpen(ProxiedSession session) {
					Policies.this.events.add("listener open " + session.id());
				}

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					Policies.this.events.add("listener close " + session.id() + " " + termination);
				}

			};
		}

	}

}
