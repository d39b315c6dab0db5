package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A message that is held back costs about its own size, however it comes.
 */
class SmallPiecesTests {

	private static final int READ = 64 * 1024;

	private final List<String> seen = new ArrayList<>();

	private Granularity granularity = Granularity.MESSAGE;

	private Supplier<Verdict> verdict = Verdict::forward;

	@Test
	void buffersThatBroughtSmallPiecesAreNotKept() {
		String text = "0123456789abcdef".repeat(512);
		byte[] bytes = WireFrame.encodeAll(WireFrame.text(text.substring(0, 5000)).fin(false).mask(0x01020304),
				WireFrame.continuation(text.substring(5000)).mask(0xA1B2C3D4));
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		int index = 0;
		for (int size : sizes(bytes.length)) {
			ByteBuf piece = Unpooled.buffer(2048).writeBytes(bytes, index, size);
			index += size;
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
		}
		session.driver().flush();
		assertThat(this.seen).containsExactly(text);
		assertThat(session.written(Side.UPSTREAM)).isEqualTo(bytes);
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
	}

	@Test
	void mostAreGivenBackBeforeTheMessageIsWhole() {
		byte[] bytes = WireFrame.text("x".repeat(8192)).mask(0x01020304).encode();
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		for (int i = 0; i < bytes.length - 1; i++) {
			ByteBuf piece = Unpooled.buffer(2048).writeByte(bytes[i]);
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
		}
		assertThat(pieces.stream().filter((piece) -> piece.refCnt() > 0)).isEmpty();
		session.close();
	}

	/** Not even if no buffer is full: nothing waits that could take up memory. */
	@Test
	void piecesOfALongMessageAreNotCopiedForAPeerThatTakesThem() {
		int length = 40_000;
		byte[] bytes = WireFrame.text("x".repeat(25 * length - 14)).mask(0x01020304).encode();
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		for (int i = 0; i < bytes.length; i += length) {
			ByteBuf piece = Unpooled.buffer(READ).writeBytes(bytes, i, length);
			pieces.add(piece);
			session.read(Side.CLIENT, piece);
		}
		assertThat(pieces).hasSize(25).allMatch((piece) -> piece.refCnt() > 0);
		assertThat(session.written(Side.UPSTREAM)).isEqualTo(bytes);
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
	}

	@Test
	void fragmentsAmongPingsDoNotKeepTheirBuffers() {
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			ByteBuf piece = Unpooled.buffer(64 * 1024);
			for (int j = 0; j < 100; j++) {
				piece.writeBytes(WireFrame.ping("x".repeat(100)).masked().encode());
			}
			WireFrame fragment = (i == 0) ? WireFrame.text("0") : WireFrame.continuation("x".repeat(i * 20));
			piece.writeBytes(fragment.fin(false).masked().encode());
			piece.writeBytes(WireFrame.ping("x").masked().encode());
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
			// What was passed on
			session.readComplete(Side.CLIENT);
			session.channel(Side.UPSTREAM).releaseOutbound();
		}
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
		session.arrive(Side.CLIENT, Unpooled.copiedBuffer(WireFrame.continuation("end").masked().encode()));
		session.driver().flush();
		StringBuilder expected = new StringBuilder("0");
		for (int i = 1; i < 100; i++) {
			expected.append("x".repeat(i * 20));
		}
		assertThat(this.seen).containsExactly(expected + "end");
		session.channel(Side.UPSTREAM).releaseOutbound();
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
	}

	@Test
	void headersDoNotKeepTheBuffersThatTheyEnd() {
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		ByteBuf piece = Unpooled.buffer(READ);
		for (int i = 0; i < 1000; i++) {
			WireFrame fragment = (i == 0) ? WireFrame.text("x") : WireFrame.continuation("x");
			byte[] bytes = fragment.fin(i == 999).masked().encode();
			piece.writeBytes(bytes, 0, bytes.length - 1);
			pieces.add(piece);
			read(session, piece);
			piece = Unpooled.buffer(READ).writeByte(bytes[bytes.length - 1]);
			assertThat(memory(pieces)).isLessThanOrEqualTo(READ);
		}
		pieces.add(piece);
		read(session, piece);
		assertThat(this.seen).containsExactly("x".repeat(1000));
		session.channel(Side.UPSTREAM).releaseOutbound();
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 200, 1024, 2000, 5000 })
	void uncompressedFragmentsOnACompressedLegDoNotKeepTheirBuffers(int size) {
		EmbeddedSession session = open(new PerMessageDeflate("", true, true, -1, 10));
		List<ByteBuf> pieces = new ArrayList<>();
		StringBuilder expected = new StringBuilder();
		for (int i = 0; i < 200; i++) {
			String text = String.valueOf((char) ('a' + i % 26)).repeat(size);
			expected.append(text);
			WireFrame fragment = (i == 0) ? WireFrame.text(text) : WireFrame.continuation(text);
			ByteBuf piece = Unpooled.buffer(READ).writeBytes(fragment.fin(i == 199).masked().encode());
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
			session.readComplete(Side.CLIENT);
			assertThat(memory(pieces)).isLessThanOrEqualTo(READ + 4L * expected.length());
		}
		assertThat(this.seen).containsExactly(expected.toString());
		session.channel(Side.UPSTREAM).releaseOutbound();
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 1023, 1024, 4096, 20_000 })
	void fragmentsAmongOtherMessagesTakeUpNoMoreThanFourTimesTheirLength(int size) {
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		long held = 0;
		for (int i = 0; i < 200; i++) {
			// One large enough for its buffer, then one that is not
			int length = (i % 2 == 0) ? size : 1;
			WireFrame fragment = (i == 0) ? WireFrame.text("x".repeat(length))
					: WireFrame.continuation("x".repeat(length));
			byte[] bytes = fragment.fin(false).masked().encode();
			ByteBuf piece = Unpooled.buffer(4 * size + 16)
				.writeBytes(WireFrame.ping("p").masked().encode())
				.writeBytes(bytes);
			pieces.add(piece);
			held += bytes.length;
			read(session, piece);
			session.channel(Side.UPSTREAM).releaseOutbound();
			assertThat(memory(pieces)).isLessThanOrEqualTo(4 * held);
			assertThat(session.driver().from(Side.CLIENT).scanner().held().memory())
				.isLessThanOrEqualTo(4 * held + 4096);
		}
		session.close();
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@Test
	void fragmentsWhoseVerdictsComeLaterDoNotKeepTheirBuffers() {
		this.granularity = Granularity.FRAME;
		Queue<CompletableFuture<Verdict>> verdicts = new ArrayDeque<>();
		this.verdict = () -> {
			CompletableFuture<Verdict> verdict = new CompletableFuture<>();
			verdicts.add(verdict);
			return Verdict.later(verdict);
		};
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		StringBuilder expected = new StringBuilder();
		for (int i = 0; i < 200; i++) {
			String text = "<" + i + ">";
			expected.append(text);
			WireFrame fragment = (i == 0) ? WireFrame.text(text) : WireFrame.continuation(text);
			ByteBuf piece = Unpooled.buffer(READ).writeBytes(fragment.fin(i == 199).masked().encode());
			pieces.add(piece);
			read(session, piece);
			assertThat(memory(pieces)).isLessThanOrEqualTo(READ);
			verdicts.remove().complete(Verdict.forward());
			session.runTasks();
			assertThat(session.driver().from(Side.CLIENT).scanner().held().memory()).isLessThanOrEqualTo(2 * 4096);
		}
		assertThat(this.seen).containsExactly(expected.toString());
		session.channel(Side.UPSTREAM).releaseOutbound();
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@Test
	void whatWaitsForAVerdictDoesNotKeepBuffersThatBroughtLittle() {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		this.verdict = () -> Verdict.later(verdict);
		EmbeddedSession session = open();
		List<ByteBuf> pieces = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			// As TLS makes them of tiny records
			ByteBuf piece = Unpooled.buffer(READ).writeBytes(WireFrame.text(String.valueOf(i)).masked().encode());
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
			assertThat(memory(pieces)).isLessThanOrEqualTo(2 * READ);
		}
		verdict.complete(Verdict.forward());
		session.runTasks();
		session.readComplete(Side.CLIENT);
		assertThat(this.seen).containsExactlyElementsOf(IntStream.range(0, 1000).mapToObj(String::valueOf).toList());
		session.channel(Side.UPSTREAM).releaseOutbound();
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void peerThatDoesNotReadDoesNotKeepBuffersThatBroughtLittle(boolean alone) {
		this.verdict = Verdict::drop;
		EmbeddedSession session = open();
		// Not flushed, as if the socket took nothing
		List<ByteBuf> pieces = new ArrayList<>();
		byte[] dropped = alone ? new byte[0] : WireFrame.text("x".repeat(50_000)).masked().encode();
		for (int i = 0; i < 100; i++) {
			ByteBuf piece = Unpooled.buffer(READ)
				.writeBytes(WireFrame.ping(String.valueOf(i)).masked().encode())
				.writeBytes(dropped)
				.writeBytes(WireFrame.pong(String.valueOf(i)).masked().encode());
			pieces.add(piece);
			session.arrive(Side.CLIENT, piece);
			session.driver().from(Side.CLIENT).flow().endReadLoop();
			assertThat(memory(pieces)).isLessThanOrEqualTo(2 * READ);
		}
		session.driver().flush();
		assertThat(EmbeddedSession.parse(session.written(Side.UPSTREAM))).extracting(WireFrame::payloadAsText)
			.containsExactlyElementsOf(IntStream.range(0, 200).mapToObj((i) -> String.valueOf(i / 2)).toList());
		assertThat(pieces).allMatch((buffer) -> buffer.refCnt() == 0);
	}

	private static void read(EmbeddedSession session, ByteBuf piece) {
		session.arrive(Side.CLIENT, piece);
		session.readComplete(Side.CLIENT);
	}

	/** What is kept of the buffers that have been read. */
	private static long memory(List<ByteBuf> pieces) {
		return pieces.stream().filter((piece) -> piece.refCnt() > 0).mapToLong(ByteBuf::capacity).sum();
	}

	/** One byte, then two, and so on, beginning anew at two thousand. */
	private static List<Integer> sizes(int total) {
		List<Integer> sizes = new ArrayList<>();
		int left = total;
		for (int size = 1; left > 0; size = (size > 1900) ? 1 : size + 37) {
			sizes.add(Math.min(size, left));
			left -= Math.min(size, left);
		}
		return sizes;
	}

	private EmbeddedSession open() {
		return open(null);
	}

	private EmbeddedSession open(@Nullable PerMessageDeflate clientDeflate) {
		PolicyBinding reader = PolicyBinding.of("reader", (frame, context) -> {
			this.seen.add(((TextFrame) frame).text());
			return (this.granularity == Granularity.FRAME) ? Verdict.forward() : this.verdict.get();
		});
		List<PolicyBinding> bindings = new ArrayList<>(List.of(reader));
		if (this.granularity == Granularity.FRAME) {
			bindings
				.add(PolicyBinding.of("later", (frame, context) -> this.verdict.get()).granularity(this.granularity));
		}
		return EmbeddedSession.builder().inbound(bindings).deflate(clientDeflate, null).open();
	}

}
