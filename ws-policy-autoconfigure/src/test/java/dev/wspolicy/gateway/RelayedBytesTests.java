package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that every byte from one side arrives unchanged at the other.
 */
class RelayedBytesTests {

	private static final int MEGABYTE = 1024 * 1024;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.inFrontOf(RawUpstream.start().receiveBuffer(64 * 1024))
		.pipeline("limits.inbound-message", "64MB")
		.pipeline("limits.outbound-message", "64MB")
		.pipeline("read", "inbound[0]", "reading")
		.pipeline("read", "outbound[0]", "reading")
		.pipeline("replaced", "inbound[0]", "flipping")
		.pipeline("replaced", "outbound[0]", "flipping")
		.pipeline("remasked", "masking", "remask")
		.pipeline("remasked-read", "masking", "remask")
		.pipeline("remasked-read", "inbound[0]", "reading")
		.pipeline("remasked-read", "outbound[0]", "reading")
		.routes("passed")
		.routesByName("read", "replaced", "remasked", "remasked-read");

	static Stream<Arguments> sizes() {
		return Stream.of(Direction.values())
			.flatMap((direction) -> Stream.of("passed", "read", "replaced", "remasked", "remasked-read")
				.flatMap((route) -> Stream.of(0, 1, 125, 126, 127, 65_535, 65_536, MEGABYTE)
					.map((size) -> Arguments.of(direction, route, size))));
	}

	@ParameterizedTest
	@MethodSource("sizes")
	void oneMessageOfAnySize(Direction direction, String route, int size) {
		try (RawSession session = open(route)) {
			WireFrame text = frame(direction, WireFrame.TEXT, size);
			WireFrame binary = frame(direction, WireFrame.BINARY, size);
			CompletableFuture<Void> sent = sender(session, direction).sendAsync(WireFrame.encodeAll(text, binary));
			List<WireFrame> arrived = receiver(session, direction).receiveFrames(2);
			assertThat(comparable(route, arrived)).isEqualTo(comparable(route, expected(route, text, binary)));
			assertThat(arrived).allMatch((frame) -> frame.isMasked() == (direction == Direction.INBOUND));
			if (direction == Direction.INBOUND && !route.equals("passed") && !route.equals("read")) {
				assertThat(arrived).noneMatch((frame) -> Arrays.equals(frame.mask(), text.mask()));
			}
			assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
		}
	}

	@ParameterizedTest
	@EnumSource
	void byteByByte(Direction direction) {
		for (String route : List.of("passed", "read", "replaced", "remasked-read")) {
			try (RawSession session = open(route)) {
				WireFrame[] frames = { frame(direction, WireFrame.TEXT, 3), frame(direction, WireFrame.BINARY, 130),
						frame(direction, WireFrame.PING, 4), frame(direction, WireFrame.TEXT, 0) };
				sender(session, direction).sendByteByByte(frames);
				assertThat(comparable(route, receiver(session, direction).receiveFrames(4)))
					.isEqualTo(comparable(route, expected(route, frames)));
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void wholeSessionInOneWrite(Direction direction) {
		for (String route : List.of("passed", "read", "replaced", "remasked")) {
			try (RawSession session = open(route)) {
				List<WireFrame> frames = new ArrayList<>();
				for (int i = 0; i < 50; i++) {
					frames.add(frame(direction, WireFrame.TEXT, i * 7));
					frames.add(frame(direction, WireFrame.BINARY, i * 11));
					frames.add(frame(direction, WireFrame.PING, i));
				}
				frames.add(masked(direction, WireFrame.close(3333, "that was all")));
				WireFrame[] all = frames.toArray(WireFrame[]::new);
				sender(session, direction).send(all);
				RawPeer receiver = receiver(session, direction);
				assertThat(comparable(route, receiver.receiveFrames(all.length)))
					.isEqualTo(comparable(route, expected(route, all)));
				receiver.send(masked(direction.opposite(), WireFrame.close(3333, "that was all")));
				assertThat(sender(session, direction).receiveFrame().closeCode()).isEqualTo(3333);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsStayFragmentsAroundAPing(Direction direction) {
		WireFrame[] fragments = frame(direction, WireFrame.TEXT, 1000).fragments(300);
		WireFrame ping = frame(direction, WireFrame.PING, 5);
		for (String route : List.of("passed", "read")) {
			try (RawSession session = open(route)) {
				RawPeer sender = sender(session, direction);
				sender.send(fragments[0], fragments[1]);
				sender.send(ping);
				sender.send(fragments[2], fragments[3]);
				List<WireFrame> arrived = receiver(session, direction).receiveFrames(5);
				assertThat(arrived).contains(ping);
				assertThat(arrived).filteredOn((frame) -> frame.opcode() != WireFrame.PING).containsExactly(fragments);
			}
		}
		try (RawSession session = open("replaced")) {
			sender(session, direction).send(fragments[0], fragments[1], ping, fragments[2], fragments[3]);
			List<WireFrame> arrived = receiver(session, direction).receiveFrames(2);
			assertThat(arrived.get(0).unmasked()).isEqualTo(ping.unmasked());
			assertThat(arrived.get(1).payloadAsText()).isEqualTo(flip(text(1000)));
		}
	}

	@ParameterizedTest
	@EnumSource
	void senderIsSuspendedWhileTheReceiverDoesNotRead(Direction direction) {
		for (String route : List.of("passed", "read", "replaced")) {
			try (RawSession session = gateway.open(gateway.client().path("/" + route).receiveBuffer(64 * 1024))) {
				RawPeer sender = sender(session, direction);
				RawPeer receiver = receiver(session, direction).timeout(Duration.ofSeconds(30));
				receiver.recordReceived(false);
				WireFrame frame = frame(direction, WireFrame.BINARY, 200_000);
				int count = 130;
				CompletableFuture<Void> sent = sender
					.sendAsync(Stream.generate(frame::encode).limit(count).toArray(byte[][]::new));
				long stopped = awaitStandstill(sender);
				assertThat(stopped).isLessThan(24L * MEGABYTE);
				assertThat(sent).isNotDone();
				// The other direction is not affected
				WireFrame back = frame(direction.opposite(), WireFrame.TEXT, 100);
				receiver.send(back);
				assertThat(comparable(route, List.of(sender.receiveFrame())))
					.isEqualTo(comparable(route, expected(route, back)));
				List<WireFrame> expected = comparable(route, expected(route, frame));
				for (int i = 0; i < count; i++) {
					assertThat(comparable(route, List.of(receiver.receiveFrame()))).isEqualTo(expected);
				}
				assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
			}
		}
	}

	@Test
	void hugeFrameIsStreamedWithBackPressure() {
		try (RawSession session = open("passed")) {
			session.upstream().recordReceived(false);
			WireFrame frame = frame(Direction.INBOUND, WireFrame.BINARY, 30 * MEGABYTE);
			CompletableFuture<Void> sent = session.client().sendAsync(frame.encode());
			assertThat(awaitStandstill(session.client())).isLessThan(frame.payload().length);
			assertThat(session.upstream().timeout(Duration.ofSeconds(30)).receiveFrame()).isEqualTo(frame);
			assertThat(sent).succeedsWithin(Duration.ofSeconds(30));
		}
	}

	private static long awaitStandstill(RawPeer sender) {
		long[] last = { -1 };
		await().pollInterval(Duration.ofMillis(250)).until(() -> {
			long now = sender.sentBytes();
			boolean still = now == last[0] && now > 0;
			last[0] = now;
			return still;
		});
		return last[0];
	}

	private static RawSession open(String route) {
		return gateway.open(route);
	}

	private static RawPeer sender(RawSession session, Direction direction) {
		return (direction == Direction.INBOUND) ? session.client() : session.upstream();
	}

	private static RawPeer receiver(RawSession session, Direction direction) {
		return sender(session, direction.opposite());
	}

	private static WireFrame frame(Direction direction, int opcode, int size) {
		byte[] payload = text(size).getBytes(StandardCharsets.US_ASCII);
		return masked(direction, WireFrame.of(opcode, payload));
	}

	private static WireFrame masked(Direction direction, WireFrame frame) {
		return (direction == Direction.INBOUND) ? frame.mask(0xA1B2C3D4) : frame;
	}

	private static String text(int size) {
		Random random = new Random(size);
		char[] letters = new char[size];
		for (int i = 0; i < size; i++) {
			letters[i] = (char) ('a' + random.nextInt(26));
		}
		return new String(letters);
	}

	private static List<WireFrame> expected(String route, WireFrame... frames) {
		return Stream.of(frames)
			.map((frame) -> (route.equals("replaced") && frame.opcode() < 8)
					? WireFrame.of(frame.opcode(), flip(frame.payloadAsText()).getBytes(StandardCharsets.US_ASCII))
						.mask(frame.mask())
					: frame)
			.toList();
	}

	/** The gateway masks with random keys, so the payload is compared unmasked. */
	private static List<WireFrame> comparable(String route, List<WireFrame> frames) {
		boolean original = route.equals("passed") || route.equals("read");
		return original ? frames : frames.stream().map(WireFrame::unmasked).toList();
	}

	private static String flip(String text) {
		return text.toUpperCase(Locale.ROOT);
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		FramePolicy reading() {
			return (frame, context) -> {
				assertThat(frame.toByteArray()).hasSize(frame.length());
				return Verdict.forward();
			};
		}

		@Bean
		FramePolicy flipping() {
			return Policies::flipped;
		}

		private static Verdict flipped(Frame frame, FrameContext context) {
			if (frame instanceof TextFrame text) {
				return Verdict.replaceText(flip(text.text()));
			}
			String text = new String(frame.toByteArray(), StandardCharsets.US_ASCII);
			return Verdict.replace(BinaryFrame.of(flip(text).getBytes(StandardCharsets.US_ASCII)));
		}

	}

}
