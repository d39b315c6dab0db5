package dev.wspolicy.netty;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What arrives of messages on compressed legs, however the bytes are cut.
 */
class CompressedLegTests extends AbstractCompressionTests {

	private static final String LONG = "lorem ipsum dolor sit amet, ".repeat(20_000);

	@Test
	void clientCompressesAndUpstreamDoesNot() {
		open(agreement(true), null);
		fromClient(this.client.text("hello hello hello"), WireFrame.ping("p"), WireFrame.text("plain"),
				this.client.text("hello hello hello"));
		List<WireFrame> arrived = read(Side.UPSTREAM);
		assertThat(arrived).extracting(WireFrame::payloadAsText)
			.containsExactly("hello hello hello", "p", "plain", "hello hello hello");
		assertThat(arrived).allMatch((frame) -> frame.rsv() == 0 && frame.fin() && frame.isMasked());
		assertThat(arrived.get(0).mask()).isNotEqualTo(new byte[4]).isNotEqualTo(arrived.get(3).mask());
		String answer = "answer ".repeat(20);
		fromUpstream(WireFrame.text(answer), WireFrame.pong("p"), WireFrame.text("tiny"), WireFrame.text(answer));
		arrived = read(Side.CLIENT);
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
		List<WireFrame> arrived = read(Side.UPSTREAM);
		assertThat(arrived).allMatch((frame) -> frame.rsv() == RSV1 && frame.isMasked());
		assertThat(arrived).extracting((frame) -> this.upstream.inflateText(frame)).containsExactly(text, text);
		fromUpstream(this.upstream.text(text));
		assertThat(read(Side.CLIENT)).containsExactly(WireFrame.text(text));
	}

	@Test
	void bothCompressAndPoliciesSeeText() {
		this.policies.add(binding((frame, context) -> Verdict.replaceText("<" + ((TextFrame) frame).text() + ">")));
		open(agreement(true), agreement(true));
		String text = "something to change ".repeat(20);
		fromClient(this.client.text(text));
		assertThat(this.upstream.inflateText(read(Side.UPSTREAM).toArray(WireFrame[]::new)))
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
			WireFrame[] arrived = read(side.peer()).toArray(WireFrame[]::new);
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
		List<WireFrame> arrived = read(side.peer());
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
		List<WireFrame> arrived = read(side.peer());
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
		assertThat(messages(this.upstream, read(Side.UPSTREAM))).containsExactly(new byte[0], new byte[0]);
		fromUpstream(WireFrame.text(""), WireFrame.text("").fin(false), WireFrame.continuation("x").fin(false),
				WireFrame.continuation(""));
		assertThat(messages(this.client, read(Side.CLIENT))).containsExactly(new byte[0], new byte[] { 'x' });
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
		assertThat(read(Side.UPSTREAM)).extracting(WireFrame::payloadAsText).containsExactly("first second ", "after");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void streamThatEndsWithItsMessageBeginsAnewWithTheNextOne(boolean takeover) {
		open(agreement(takeover), null);
		WireFrame hello = WireFrame.of(WireFrame.TEXT, finished("Hello")).rsv(RSV1);
		fromClient(hello, this.client.text("second"), hello.fin(false), WireFrame.continuation("").fin(false),
				WireFrame.continuation(""), this.client.reset().text("third"));
		assertThat(messages(null, read(Side.UPSTREAM))).extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactly("Hello", "second", "Hello", "third");
	}

	/** RFC 7692, section 7.2.1: any empty block without compression will do. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void blockWhoseEndIsCutOffMayBeAFinalOne(boolean takeover) {
		open(agreement(takeover), null);
		Deflater deflater = new Deflater(Deflater.NO_COMPRESSION, true);
		deflater.setInput("Hello".getBytes(StandardCharsets.UTF_8));
		byte[] buffer = new byte[100];
		int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
		deflater.finish();
		length += deflater.deflate(buffer, length, buffer.length - length);
		assertThat(Arrays.copyOfRange(buffer, length - 5, length)).containsExactly(1, 0, 0, -1, -1);
		byte[] payload = Arrays.copyOf(buffer, length - 4);
		fromClient(WireFrame.of(WireFrame.TEXT, payload).rsv(RSV1),
				WireFrame.of(WireFrame.TEXT, payload).rsv(RSV1).fin(false), WireFrame.continuation(""),
				this.client.text("third"));
		assertThat(messages(null, read(Side.UPSTREAM))).extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactly("Hello", "Hello", "third");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void emptyPayloadIsAnEmptyMessage(boolean takeover) {
		open(agreement(takeover), null);
		WireFrame empty = WireFrame.of(WireFrame.TEXT).rsv(RSV1);
		WireFrame[] frames = { this.client.text("first"), empty, sameContext(takeover).text("first again"),
				empty.fin(false), WireFrame.continuation(""), sameContext(takeover).text("first once more") };
		fromClient(frames);
		assertThat(messages(null, read(Side.UPSTREAM))).extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
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
		assertThat(messages(null, read(Side.UPSTREAM))).extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
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
			channel(Side.CLIENT).writeInbound(Unpooled.copiedBuffer(wire, 0, at));
			channel(Side.CLIENT).writeInbound(Unpooled.copiedBuffer(wire, at, wire.length - at));
			List<WireFrame> arrived = new ArrayList<>(read(Side.UPSTREAM));
			assertThat(arrived.remove(1).payloadAsText()).isEqualTo("ping");
			assertThat(messages(this.upstream, arrived)).as("split at " + at)
				.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
				.containsExactly("split me where you like, I stay the same", "plain", "split me where you like", "fin");
			close();
		}
	}

	/** A stream with an end of its own, and no flush behind it. */
	private static byte[] finished(String text) {
		Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
		deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
		deflater.finish();
		byte[] buffer = new byte[100];
		return Arrays.copyOf(buffer, deflater.deflate(buffer));
	}

	private static PolicyBinding binding(FramePolicy policy) {
		return PolicyBinding.of("policy", policy);
	}

}
