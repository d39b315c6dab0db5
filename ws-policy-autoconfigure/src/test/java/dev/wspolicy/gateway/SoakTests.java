package dev.wspolicy.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Opens many sessions at once through three policies, and checks every message. Runs
 * shortly in every build, and longer with {@code -Psoak}.
 */
class SoakTests {

	private static final int SESSIONS = 64;

	private static final RawUpstream upstream = RawUpstream.start().serve(SoakTests::echo);

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.inFrontOf(upstream)
		// However busy the machine is
		.pipeline("session.handshake-timeout", "1m")
		.pipeline("session.close-timeout", "1m")
		.routes("echo");

	@Test
	void forAFewSeconds() throws Exception {
		run(Duration.ofSeconds(8));
	}

	@Test
	@Tag("soak")
	void forMinutes() throws Exception {
		run(Duration.ofMinutes(Integer.getInteger("soak.minutes", 5)));
	}

	private static void run(Duration duration) throws InterruptedException {
		long end = System.nanoTime() + duration.toNanos();
		AtomicLong messages = new AtomicLong();
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		CountDownLatch running = new CountDownLatch(SESSIONS);
		for (int i = 0; i < SESSIONS; i++) {
			Random random = new Random(i);
			Thread thread = new Thread(() -> {
				try {
					// Sessions are also opened and closed
					while (System.nanoTime() < end && failures.isEmpty()) {
						messages.addAndGet(converse(random, 20 + random.nextInt(80), end));
					}
				}
				catch (RuntimeException | Error ex) {
					failures.add(ex);
				}
				finally {
					running.countDown();
				}
			});
			thread.setDaemon(true);
			thread.start();
		}
		assertThat(running.await(duration.toSeconds() + 60, TimeUnit.SECONDS)).isTrue();
		Policies policies = gateway.bean(Policies.class);
		assertThat(failures).as(() -> "upstream: " + upstream.failures() + ", ended: " + policies.strange).isEmpty();
		assertThat(upstream.failures()).isEmpty();
		assertThat(messages.get()).isGreaterThan(SESSIONS * 10L);
		gateway.awaitNoSessions();
		assertThat(policies.opened.get()).isEqualTo(policies.closed.get()).isEqualTo(upstream.acceptedConnections());
		assertThat(policies.strange).isEmpty();
	}

	private static long converse(Random random, int batches, long end) {
		long count = 0;
		ClientHandshake handshake = gateway.client().path("/echo").start();
		try (RawPeer client = handshake.peer().timeout(Duration.ofSeconds(30))) {
			handshake.connected();
			client.recordReceived(false);
			for (int batch = 0; batch < batches && System.nanoTime() < end; batch++) {
				List<String> expected = new ArrayList<>();
				ByteArrayOutputStream wire = new ByteArrayOutputStream();
				int size = 1 + random.nextInt(16);
				for (int i = 0; i < size; i++) {
					String text = text(random, count++);
					if (!text.contains("rude")) {
						expected.add(text.replaceAll("[0-9]", "#") + " ~ stamped");
					}
					for (WireFrame frame : frames(random, text)) {
						wire.writeBytes(frame.encode());
					}
				}
				if (random.nextInt(4) == 0) {
					client.sendInPieces(1 + random.nextInt(wire.size()), wire.toByteArray());
				}
				else {
					client.send(wire.toByteArray());
				}
				for (String text : expected) {
					assertThat(receiveText(client)).isEqualTo(text);
				}
			}
			client.send(WireFrame.close(1000, "done").mask(random.nextInt()));
			WireFrame close = client.receiveFrame();
			while (close.opcode() == WireFrame.PONG) {
				close = client.receiveFrame();
			}
			assertThat(close).isEqualTo(WireFrame.close(1000, "done"));
			client.expectEof();
		}
		return count;
	}

	private static String text(Random random, long number) {
		int kind = random.nextInt(10);
		String body = switch (kind) {
			case 0 -> "rude word";
			case 1, 2, 3 -> "no number here";
			case 4 -> "ä€𝄞".repeat(random.nextInt(1000));
			case 5 -> "x1".repeat(random.nextInt(20_000));
			default -> "card 4111 1111 1111 1111";
		};
		return ((kind < 5 && kind != 0) ? "" : number + ": ") + body;
	}

	private static List<WireFrame> frames(Random random, String text) {
		WireFrame whole = WireFrame.text(text).mask(random.nextInt());
		if (random.nextInt(3) != 0) {
			return List.of(whole);
		}
		List<WireFrame> frames = new ArrayList<>();
		for (WireFrame fragment : whole.fragments(Math.max(1, whole.payload().length / (1 + random.nextInt(5))))) {
			if (random.nextInt(4) == 0) {
				frames.add(WireFrame.ping("still there?").mask(random.nextInt()));
			}
			frames.add(fragment.mask(random.nextInt()));
		}
		return frames;
	}

	private static String receiveText(RawPeer client) {
		WireFrame frame = client.receiveFrame();
		while (frame.opcode() == WireFrame.PONG) {
			assertThat(frame.payloadAsText()).isEqualTo("still there?");
			frame = client.receiveFrame();
		}
		assertThat(frame).matches((text) -> text.opcode() == WireFrame.TEXT && text.fin(), "is a text");
		return frame.payloadAsText();
	}

	private static void echo(UpstreamHandshake handshake) {
		try (RawPeer peer = handshake.peer().timeout(Duration.ofSeconds(30))) {
			handshake.acceptWebSocket();
			peer.recordReceived(false);
			ByteArrayOutputStream message = new ByteArrayOutputStream();
			while (true) {
				WireFrame frame = peer.receiveFrame();
				assertThat(frame.isMasked()).isTrue();
				switch (frame.opcode()) {
					case WireFrame.PING -> peer.send(frame.unmasked().opcode(WireFrame.PONG));
					case WireFrame.CLOSE -> {
						peer.send(frame.unmasked());
						return;
					}
					default -> {
						message.writeBytes(frame.payload());
						if (frame.fin()) {
							assertThat(message.toString(StandardCharsets.UTF_8)).doesNotContain("rude");
							peer.send(WireFrame.text(message.toByteArray()));
							message.reset();
						}
					}
				}
			}
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		private final AtomicLong opened = new AtomicLong();

		private final AtomicLong closed = new AtomicLong();

		private final Queue<Termination> strange = new ConcurrentLinkedQueue<>();

		@Bean
		@Order(1)
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT)
		FramePolicy maskDigits() {
			return (frame, context) -> {
				String text = ((TextFrame) frame).text();
				String masked = text.replaceAll("[0-9]", "#");
				return masked.equals(text) ? Verdict.forward() : Verdict.replaceText(masked);
			};
		}

		@Bean
		@Order(2)
		@WsPolicy(direction = Direction.INBOUND, types = FrameType.TEXT)
		FramePolicy dropRudeWords() {
			return (frame, context) -> ((TextFrame) frame).text().contains("rude") ? Verdict.drop() : Verdict.forward();
		}

		@Bean
		@WsPolicy(direction = Direction.OUTBOUND, types = FrameType.TEXT)
		FramePolicy stamp() {
			return (frame, context) -> Verdict.replaceText(((TextFrame) frame).text() + " ~ stamped");
		}

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onOpen(ProxiedSession session) {
					Policies.this.opened.incrementAndGet();
				}

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					Policies.this.closed.incrementAndGet();
					if (termination.cause() != Cause.CLOSE_FRAME) {
						Policies.this.strange.add(termination);
					}
				}

			};
		}

	}

}
