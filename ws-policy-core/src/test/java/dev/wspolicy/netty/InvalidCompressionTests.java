package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Malformed compressed data, too much of it, and frames that must not be compressed.
 */
class InvalidCompressionTests extends AbstractCompressionTests {

	@ParameterizedTest
	@EnumSource
	void bombGets1009(Side side) {
		this.limits = new Limits(Long.MAX_VALUE, 1_000_000, 1024);
		open(agreement(true), agreement(true));
		WireDeflate sender = (side == Side.CLIENT) ? this.client : this.upstream;
		byte[] bomb = sender.deflate(new byte[20_000_000]);
		assertThat(bomb.length).isLessThan(24_000);
		from(side, WireFrame.of(WireFrame.BINARY, bomb).rsv(RSV1), sender.text("never"));
		assertThat(lastOf(read(side)).closeCode()).isEqualTo(1009);
		List<WireFrame> arrived = read(side.peer());
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
		assertThat(messages(receiver, read(side.peer()))).singleElement().isEqualTo(most);
		from(side, WireFrame.of(WireFrame.BINARY, message).rsv(RSV1));
		WireFrame close = lastOf(read(side));
		assertThat(close.closeCode()).isEqualTo(1009);
		assertThat(close.closeReason()).isEqualTo("frame over 100000 bytes");
		assertThat(lastOf(read(side.peer())).closeCode()).isEqualTo(1001);
	}

	@ParameterizedTest
	@EnumSource
	void corruptDataGets1007(Side side) {
		open(agreement(true), agreement(true));
		from(side, WireFrame.of(WireFrame.TEXT, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF).rsv(RSV1),
				WireFrame.text("never"));
		assertThat(lastOf(read(side)).closeCode()).isEqualTo(1007);
		assertThat(read(side.peer())).extracting(WireFrame::closeCode)
			.containsExactly((side == Side.CLIENT) ? 1001 : 1011);
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
			assertThat(read(Side.CLIENT)).as(length + " of " + whole.length)
				.extracting(WireFrame::closeCode)
				.containsExactly(1007);
			assertThat(read(Side.UPSTREAM)).extracting(WireFrame::closeCode).containsExactly(1001);
			close();
		}
		open(agreement(takeover), null);
		fromClient(WireFrame.of(WireFrame.TEXT, whole).rsv(RSV1));
		assertThat(read(Side.UPSTREAM)).extracting(WireFrame::payloadAsText).containsExactly(text.toString());
	}

	@Test
	void fragmentedMessageThatEndsWithinABlockGets1007() {
		open(agreement(true), null);
		byte[] whole = deflated("a text in two fragments", -1);
		fromClient(WireFrame.of(WireFrame.TEXT, Arrays.copyOf(whole, 9)).rsv(RSV1).fin(false),
				WireFrame.continuation(""));
		assertThat(read(Side.CLIENT)).extracting(WireFrame::closeCode).containsExactly(1007);
		assertThat(lastOf(read(Side.UPSTREAM)).closeCode()).isEqualTo(1001);
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
			assertThat(lastOf(read(Side.CLIENT)).closeCode()).isEqualTo(1002);
			assertThat(lastOf(read(Side.UPSTREAM)).closeCode()).isEqualTo(1001);
			close();
		}
	}

	@Test
	void markOfCompressionThatNobodyHasAgreedUponGets1002() {
		open(null, agreement(true));
		fromClient(this.client.text("x"));
		assertThat(lastOf(read(Side.CLIENT)).closeCode()).isEqualTo(1002);
	}

}
