package dev.wspolicy.netty;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions of which one leg or both are compressed, however the bytes are cut.
 */
class CompressedLegTests {

	private static final int RSV1 = 4;

	private static final String LONG = "lorem ipsum dolor sit amet, ".repeat(20_000);

	private final WireDeflate client = new WireDeflate();

	private final WireDeflate upstream = new WireDeflate();

	private Limits limits = Limits.NONE;

	private final List<PolicyBinding> policies = new ArrayList<>();

	private @Nullable EmbeddedChannel clientChannel;

	private @Nullable EmbeddedChannel upstreamChannel;

	private @Nullable RelayDriver driver;

	private ProxiedSession session;

	@BeforeEach
	void prepare() {
		this.session = Mockito.mock(ProxiedSession.class, Mockito.withSettings().stubOnly());
		BDDMockito.given(this.session.id()).willReturn("session");
	}

	@AfterEach
	void close() {
		if (this.driver != null) {
			this.clientChannel.finishAndReleaseAll();
			this.upstreamChannel.finishAndReleaseAll();
			this.driver.dispose();
		}
	}

	@Test
	void clientCompressesAndUpstreamDoesNot() {
		open(agreement(true), null);
		fromClient(this.client.text("hello hello hello"), WireFrame.ping("p"), WireFrame.text("plain"),
				this.client.text("hello hello hello"));
		List<WireFrame> arrived = read(this.upstreamChannel);
		assertThat(arrived).extracting(WireFrame::payloadAsText)
			.containsExactly("hello hello hello", "p", "plain", "hello hello hello");
		assertThat(arrived).allMatch((frame) -> frame.rsv() == 0 && frame.fin() && frame.isMasked());
		assertThat(arrived.get(0).mask()).isNotEqualTo(new byte[4]).isNotEqualTo(arrived.get(3).mask());
		String answer = "answer ".repeat(20);
		fromUpstream(WireFrame.text(answer), WireFrame.pong("p"), WireFrame.text("tiny"), WireFrame.text(answer));
		arrived = read(this.clientChannel);
		assertThat(arrived).extracting(WireFrame::rsv).containsExactly(RSV1, 0, 0, RSV1);
		assertThat(this.client.inflateText(arrived.get(0))).isEqualTo(answer);
		assertThat(arrived.get(2).payloadAsText()).isEqualTo("tiny");
		assertThat(this.client.inflateText(arrived.get(3))).isEqualTo(answer);
		assertThat(arrived.get(3).payload().length).isLessThan(arrived.get(0).payload().length);
		assertThat(arrived).noneMatch(WireFrame::isMasked);
	}

	@Test
	void upstreamCompressesAndClientDoesNot() {
		open(null, agreement(true));
		String text = "question ".repeat(20);
		fromClient(WireFrame.text(text), WireFrame.text(text));
		List<WireFrame> arrived = read(this.upstreamChannel);
		assertThat(arrived).allMatch((frame) -> frame.rsv() == RSV1 && frame.isMasked());
		assertThat(arrived).extracting((frame) -> this.upstream.inflateText(frame)).containsExactly(text, text);
		fromUpstream(this.upstream.text(text));
		assertThat(read(this.clientChannel)).containsExactly(WireFrame.text(text));
	}

	@Test
	void bothCompressAndPoliciesSeeText() {
		this.policies.add(binding((frame, context) -> Verdict.replaceText("<" + ((TextFrame) frame).text() + ">")));
		open(agreement(true), agreement(true));
		String text = "something to change ".repeat(20);
		fromClient(this.client.text(text));
		assertThat(this.upstream.inflateText(read(this.upstreamChannel).toArray(WireFrame[]::new)))
			.isEqualTo("<" + text + ">");
	}

	@ParameterizedTest
	@EnumSource
	void withoutContextEachMessageStandsAlone(Side side) {
		open(agreement(false), agreement(false));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		for (int i = 0; i < 3; i++) {
			String text = "again and again ".repeat(20) + i;
			from(side, sender.reset().text(text));
			WireFrame[] arrived = read(channel(side.peer())).toArray(WireFrame[]::new);
			assertThat(new WireDeflate().inflateText(arrived)).isEqualTo(text);
		}
	}

	@ParameterizedTest
	@EnumSource
	void largeMessagesTravelInFragments(Side side) {
		open(agreement(true), agreement(true));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		WireDeflate receiver = (side == Side.CLIENT) ? this.upstream : this.client;
		byte[] random = new byte[300_000];
		new Random(1).nextBytes(random);
		from(side, sender.text(LONG), sender.message(WireFrame.BINARY, random), sender.text("last"));
		List<WireFrame> arrived = read(channel(side.peer()));
		assertThat(messages(receiver, arrived)).containsExactly(LONG.getBytes(StandardCharsets.UTF_8), random,
				"last".getBytes(StandardCharsets.UTF_8));
	}

	@ParameterizedTest
	@EnumSource
	void fragmentsOfTheSenderStayFragments(Side side) {
		open((side == Side.CLIENT) ? agreement(true) : null, (side == Side.CLIENT) ? null : agreement(true));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		byte[] payload = sender.deflate("one message in three fragments".getBytes(StandardCharsets.UTF_8));
		from(side, WireFrame.of(WireFrame.TEXT, Arrays.copyOf(payload, 9)).rsv(RSV1).fin(false),
				WireFrame.ping("between"), WireFrame.continuation(Arrays.copyOfRange(payload, 9, 10)).fin(false),
				WireFrame.continuation(Arrays.copyOfRange(payload, 10, payload.length)));
		List<WireFrame> arrived = read(channel(side.peer()));
		assertThat(arrived).extracting(WireFrame::opcode)
			.containsExactly(WireFrame.TEXT, WireFrame.PING, WireFrame.CONTINUATION, WireFrame.CONTINUATION);
		assertThat(arrived).extracting(WireFrame::fin).containsExactly(false, true, false, true);
		assertThat(messages(null, arrived))
			.containsExactly("one message in three fragments".getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void emptyMessagesAndEmptyFragments() {
		open(new PerMessageDeflate("", true, true, -1, 0), agreement(true));
		fromClient(this.client.text(""), WireFrame.text(""));
		assertThat(messages(this.upstream, read(this.upstreamChannel))).containsExactly(new byte[0], new byte[0]);
		fromUpstream(WireFrame.text(""), WireFrame.text("").fin(false), WireFrame.continuation("x").fin(false),
				WireFrame.continuation(""));
		assertThat(messages(this.client, read(this.clientChannel))).containsExactly(new byte[0], new byte[] { 'x' });
	}

	@Test
	void streamThatEndsWithinAMessageBeginsAnew() {
		open(agreement(true), null);
		Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
		ByteArrayOutputStream payload = new ByteArrayOutputStream();
		for (String part : List.of("first ", "second ")) {
			deflater.reset();
			deflater.setInput(part.getBytes(StandardCharsets.UTF_8));
			deflater.finish();
			byte[] buffer = new byte[100];
			payload.write(buffer, 0, deflater.deflate(buffer));
		}
		payload.write(0);
		fromClient(WireFrame.of(WireFrame.TEXT, payload.toByteArray()).rsv(RSV1), WireFrame.text("after"));
		assertThat(read(this.upstreamChannel)).extracting(WireFrame::payloadAsText)
			.containsExactly("first second ", "after");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void streamThatEndsWithItsMessageBeginsAnewWithTheNextOne(boolean takeover) {
		open(agreement(takeover), null);
		WireFrame hello = WireFrame.of(WireFrame.TEXT, finished("Hello")).rsv(RSV1);
		fromClient(hello, this.client.text("second"), hello.fin(false), WireFrame.continuation("").fin(false),
				WireFrame.continuation(""), this.client.reset().text("third"));
		assertThat(messages(null, read(this.upstreamChannel)))
			.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactly("Hello", "second", "Hello", "third");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void emptyPayloadIsAnEmptyMessage(boolean takeover) {
		open(agreement(takeover), null);
		WireFrame empty = WireFrame.of(WireFrame.TEXT).rsv(RSV1);
		WireFrame[] frames = { this.client.text("first"), empty, sameContext(takeover).text("first again"),
				empty.fin(false), WireFrame.continuation(""), sameContext(takeover).text("first once more") };
		fromClient(frames);
		assertThat(messages(null, read(this.upstreamChannel)))
			.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactly("first", "", "first again", "", "first once more");
	}

	private WireDeflate sameContext(boolean takeover) {
		return takeover ? this.client : this.client.reset();
	}

	@Test
	void emptyFragmentsStandAnywhere() {
		open(agreement(true), null);
		WireFrame whole = this.client.text("whole");
		fromClient(WireFrame.of(WireFrame.TEXT).rsv(RSV1).fin(false),
				WireFrame.continuation(whole.payload()).fin(false), WireFrame.continuation(""),
				this.client.text("whole"));
		assertThat(messages(null, read(this.upstreamChannel)))
			.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactly("whole", "whole");
	}

	@Test
	void everySplitOfTheWireMeansTheSame() {
		byte[] wire = WireFrame
			.encodeAll(masked(this.client.text("split me where you like, I stay the same"), WireFrame.ping("ping"),
					WireFrame.text("plain"), this.client.text("split me where you like"), this.client.text("fin")));
		for (int at = 0; at <= wire.length; at++) {
			this.upstream.reset();
			open(agreement(true), agreement(true));
			this.clientChannel.writeInbound(Unpooled.copiedBuffer(wire, 0, at));
			this.clientChannel.writeInbound(Unpooled.copiedBuffer(wire, at, wire.length - at));
			List<WireFrame> arrived = new ArrayList<>(read(this.upstreamChannel));
			assertThat(arrived.remove(1).payloadAsText()).isEqualTo("ping");
			assertThat(messages(this.upstream, arrived)).as("split at " + at)
				.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
				.containsExactly("split me where you like, I stay the same", "plain", "split me where you like", "fin");
			close();
		}
	}

	// What must not be

	@ParameterizedTest
	@EnumSource
	void bombGets1009(Side side) {
		this.limits = new Limits(Long.MAX_VALUE, 1_000_000, 1024);
		open(agreement(true), agreement(true));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		byte[] bomb = sender.deflate(new byte[500_000_000 / 10]);
		assertThat(bomb.length).isLessThan(60_000);
		from(side, WireFrame.of(WireFrame.BINARY, bomb).rsv(RSV1), sender.text("never"));
		assertThat(lastOf(read(channel(side))).closeCode()).isEqualTo(1009);
		List<WireFrame> arrived = read(channel(side.peer()));
		assertThat(arrived.stream().mapToLong((frame) -> frame.payload().length).sum()).isLessThan(1_000_000);
		assertThat(lastOf(arrived).closeCode()).isEqualTo(1001);
		from(side, WireFrame.close(1009));
		assertThat(channel(side).config().isAutoRead()).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void frameThatInflatesBeyondItsLimitGets1009ThoughItTravelsInFragments(Side side) {
		this.limits = new Limits(100_000, Long.MAX_VALUE, 1024);
		open(agreement(true), agreement(true));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		WireDeflate receiver = (side == Side.CLIENT) ? this.upstream : this.client;
		byte[] most = new byte[100_000];
		byte[] message = sender.deflate(new byte[150_000]);
		from(side, sender.reset().message(WireFrame.BINARY, most));
		assertThat(messages(receiver, read(channel(side.peer())))).singleElement().isEqualTo(most);
		from(side, WireFrame.of(WireFrame.BINARY, message).rsv(RSV1));
		WireFrame close = lastOf(read(channel(side)));
		assertThat(close.closeCode()).isEqualTo(1009);
		assertThat(close.closeReason()).isEqualTo("frame over 100000 bytes");
		assertThat(lastOf(read(channel(side.peer()))).closeCode()).isEqualTo(1001);
	}

	@ParameterizedTest
	@EnumSource
	void corruptDataGets1007(Side side) {
		open(agreement(true), agreement(true));
		from(side, WireFrame.of(WireFrame.TEXT, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF).rsv(RSV1),
				WireFrame.text("never"));
		assertThat(lastOf(read(channel(side))).closeCode()).isEqualTo(1007);
		assertThat(read(channel(side.peer()))).extracting(WireFrame::closeCode).containsExactly(1001);
	}

	@ParameterizedTest
	@CsvSource({ "-1, true", "-1, false", "0, true", "0, false", "9, true" })
	void messageThatEndsWithinABlockGets1007(int level, boolean takeover) {
		Random random = new Random(1);
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < 40; i++) {
			text.append("\"key").append(random.nextInt(1000)).append("\": ").append(random.nextInt(100_000));
		}
		byte[] whole = deflated(text.toString(), level);
		// The first byte of stored data stands for an empty message.
		for (int length = (whole[0] == 0) ? 2 : 1; length < whole.length; length++) {
			open(agreement(takeover), null);
			fromClient(WireFrame.of(WireFrame.TEXT, Arrays.copyOf(whole, length)).rsv(RSV1), WireFrame.text("never"));
			assertThat(read(this.clientChannel)).as(length + " of " + whole.length)
				.extracting(WireFrame::closeCode)
				.containsExactly(1007);
			assertThat(read(this.upstreamChannel)).extracting(WireFrame::closeCode).containsExactly(1001);
			close();
		}
		open(agreement(takeover), null);
		fromClient(WireFrame.of(WireFrame.TEXT, whole).rsv(RSV1));
		assertThat(read(this.upstreamChannel)).extracting(WireFrame::payloadAsText).containsExactly(text.toString());
	}

	@Test
	void fragmentedMessageThatEndsWithinABlockGets1007() {
		open(agreement(true), null);
		byte[] whole = deflated("a text in two fragments", -1);
		fromClient(WireFrame.of(WireFrame.TEXT, Arrays.copyOf(whole, 9)).rsv(RSV1).fin(false),
				WireFrame.continuation(""));
		assertThat(read(this.clientChannel)).extracting(WireFrame::closeCode).containsExactly(1007);
		assertThat(lastOf(read(this.upstreamChannel)).closeCode()).isEqualTo(1001);
	}

	/** A stream with an end of its own, and no flush behind it. */
	private static byte[] finished(String text) {
		Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
		deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
		deflater.finish();
		byte[] buffer = new byte[100];
		return Arrays.copyOf(buffer, deflater.deflate(buffer));
	}

	/** The payload of a message. */
	private static byte[] deflated(String text, int level) {
		Deflater deflater = new Deflater(level, true);
		deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
		byte[] buffer = new byte[8192];
		return Arrays.copyOf(buffer, deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH) - 4);
	}

	@Test
	void markOfCompressionOnTheWrongFrameGets1002() {
		List<WireFrame[]> wrong = List.of(new WireFrame[] { WireFrame.ping("x").rsv(RSV1) },
				new WireFrame[] { WireFrame.text("x").rsv(2) }, new WireFrame[] { WireFrame.text("x").rsv(6) },
				new WireFrame[] { WireFrame.text("x").fin(false), WireFrame.continuation("y").rsv(RSV1) },
				new WireFrame[] { this.client.text("a").fin(false), this.client.text("b") });
		for (WireFrame[] frames : wrong) {
			open(agreement(true), null);
			fromClient(frames);
			assertThat(lastOf(read(this.clientChannel)).closeCode()).isEqualTo(1002);
			assertThat(lastOf(read(this.upstreamChannel)).closeCode()).isEqualTo(1001);
			close();
		}
	}

	@Test
	void markOfCompressionThatNobodyHasAgreedUponGets1002() {
		open(null, agreement(true));
		fromClient(this.client.text("x"));
		assertThat(lastOf(read(this.clientChannel)).closeCode()).isEqualTo(1002);
	}

	@Test
	void tellsOfWhatIsNotInflatedYet() {
		open(agreement(true), null);
		this.upstreamChannel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		WireFrame message = this.client.message(WireFrame.BINARY, new byte[40_000_000]);
		fromClient(message);
		assertThat(this.driver.buffered(Side.UPSTREAM)).isBetween(message.payload().length - 16 * 1024L,
				(long) message.masked().encode().length);
		assertThat(this.driver.buffered(Side.CLIENT)).isZero();
		this.upstreamChannel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		this.upstreamChannel.runPendingTasks();
		assertThat(this.driver.buffered(Side.UPSTREAM)).isZero();
	}

	@Test
	void tellsOfWhatIsCompressedAndNotWrittenYet() {
		open(agreement(true), null);
		byte[] noise = new byte[60_000];
		new Random(42).nextBytes(noise);
		byte[] wire = WireFrame.binary(noise).encode();
		this.upstreamChannel.writeInbound(Unpooled.copiedBuffer(wire, 0, 50_000));
		assertThat(this.driver.buffered(Side.CLIENT)).isBetween(1000L, 51_000L);
		this.upstreamChannel.writeInbound(Unpooled.copiedBuffer(wire, 50_000, wire.length - 50_000));
		assertThat(this.driver.buffered(Side.CLIENT)).isZero();
		assertThat(messages(this.client, read(this.clientChannel))).singleElement().isEqualTo(noise);
	}

	@Test
	void inflatesNoMoreThanTheOtherLegTakes() {
		open(agreement(true), null);
		byte[] sparse = new byte[40_000_000];
		EmbeddedChannel stalled = this.upstreamChannel;
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		fromClient(this.client.message(WireFrame.BINARY, sparse));
		assertThat(this.clientChannel.config().isAutoRead()).isFalse();
		assertThat(readable(stalled)).isLessThan(200_000);
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		stalled.runPendingTasks();
		assertThat(messages(null, read(stalled))).singleElement().isEqualTo(sparse);
		assertThat(this.clientChannel.config().isAutoRead()).isTrue();
	}

	@Test
	void lostLegWaitsForTheOtherNoLongerThanTheCloseTimeout() {
		open(agreement(true), null);
		EmbeddedChannel stalled = this.upstreamChannel;
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		fromClient(this.client.message(WireFrame.BINARY, new byte[40_000_000]));
		loseClient();
		assertThat(read(stalled)).noneMatch((frame) -> frame.opcode() == WireFrame.CLOSE);
		this.clientChannel.advanceTimeBy(Timeouts.DEFAULT.close().toMillis() + 1, TimeUnit.MILLISECONDS);
		this.clientChannel.runScheduledPendingTasks();
		assertThat(read(stalled)).extracting(WireFrame::closeCode).containsExactly(1001);
	}

	@Test
	void lostLegWithAllItSaidTakenIsToldOfOnce() {
		open(agreement(true), null);
		EmbeddedChannel stalled = this.upstreamChannel;
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		byte[] sparse = new byte[4_000_000];
		fromClient(this.client.message(WireFrame.BINARY, sparse));
		loseClient();
		stalled.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		stalled.runPendingTasks();
		this.clientChannel.runPendingTasks();
		List<WireFrame> arrived = new ArrayList<>(read(stalled));
		assertThat(arrived.remove(arrived.size() - 1).closeCode()).isEqualTo(1001);
		assertThat(messages(null, arrived)).singleElement().isEqualTo(sparse);
		this.clientChannel.advanceTimeBy(1, TimeUnit.HOURS);
		this.clientChannel.runScheduledPendingTasks();
		assertThat(read(stalled)).isEmpty();
	}

	/** Other than a close of the channel, this leaves the tasks of its loop alone. */
	private void loseClient() {
		this.clientChannel.unsafe().close(this.clientChannel.voidPromise());
		this.clientChannel.runPendingTasks();
		assertThat(this.clientChannel.isActive()).isFalse();
	}

	// The session

	private static PerMessageDeflate agreement(boolean takeover) {
		return new PerMessageDeflate("", takeover, takeover, -1, 10);
	}

	private static PolicyBinding binding(FramePolicy policy) {
		return PolicyBinding.of("policy", policy);
	}

	private void open(@Nullable PerMessageDeflate clientDeflate, @Nullable PerMessageDeflate upstreamDeflate) {
		PipelineDefinition definition = new PipelineDefinition("test", true, List.of(), List.of(), this.limits,
				this.limits, Timeouts.DEFAULT, Framing.DEFAULT, "text/plain", CloseStatus.INTERNAL_ERROR,
				CloseStatus.GOING_AWAY);
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		this.clientChannel = new EmbeddedChannel(clientHandler);
		this.upstreamChannel = new EmbeddedChannel(upstreamHandler);
		this.driver = new RelayDriver(this.session, SessionPipeline.of(definition, this.policies, List.of()),
				Mockito.mock(RelayObserver.class, Mockito.withSettings().stubOnly()),
				this.clientChannel.pipeline().context(clientHandler), clientDeflate,
				this.upstreamChannel.pipeline().context(upstreamHandler), upstreamDeflate);
		clientHandler.attach(this.driver);
		upstreamHandler.attach(this.driver);
		this.driver.start();
	}

	private EmbeddedChannel channel(Side side) {
		return (side == Side.CLIENT) ? this.clientChannel : this.upstreamChannel;
	}

	private void fromClient(WireFrame... frames) {
		from(Side.CLIENT, frames);
	}

	private void fromUpstream(WireFrame... frames) {
		from(Side.UPSTREAM, frames);
	}

	private void from(Side side, WireFrame... frames) {
		WireFrame[] sent = (side == Side.CLIENT) ? masked(frames) : frames;
		channel(side).writeInbound(Unpooled.copiedBuffer(WireFrame.encodeAll(sent)));
		channel(side).runPendingTasks();
	}

	private static WireFrame[] masked(WireFrame... frames) {
		return Arrays.stream(frames).map(WireFrame::masked).toArray(WireFrame[]::new);
	}

	private static long readable(EmbeddedChannel channel) {
		return channel.outboundMessages().stream().mapToLong((message) -> ((ByteBuf) message).readableBytes()).sum();
	}

	private static List<WireFrame> read(EmbeddedChannel channel) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
			byte[] part = new byte[buffer.readableBytes()];
			buffer.readBytes(part).release();
			bytes.writeBytes(part);
		}
		ByteArrayInputStream input = new ByteArrayInputStream(bytes.toByteArray());
		List<WireFrame> frames = new ArrayList<>();
		try {
			while (input.available() > 0) {
				frames.add(WireFrame.read(input));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("after " + frames.size() + " frames", ex);
		}
		return frames;
	}

	/** What data frames come to, inflated where they say so. */
	private static List<byte[]> messages(@Nullable WireDeflate inflater, List<WireFrame> frames) {
		List<byte[]> messages = new ArrayList<>();
		ByteArrayOutputStream message = new ByteArrayOutputStream();
		boolean compressed = false;
		for (WireFrame frame : frames) {
			if (frame.opcode() == WireFrame.PING) {
				continue;
			}
			if (frame.opcode() != WireFrame.CONTINUATION) {
				compressed = frame.rsv() == RSV1;
			}
			message.writeBytes(frame.payload());
			if (frame.fin()) {
				byte[] bytes = message.toByteArray();
				messages.add(compressed ? inflater.inflate(bytes) : bytes);
				message.reset();
			}
		}
		return messages;
	}

	private static WireFrame lastOf(List<WireFrame> frames) {
		return frames.get(frames.size() - 1);
	}

}
