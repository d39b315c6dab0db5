package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.DirectionPipeline;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A message that is held back costs about its own size, however it comes.
 */
class SmallPiecesTests {

	private final List<String> seen = new ArrayList<>();

	private final EmbeddedChannel client = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

	private final EmbeddedChannel upstream = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

	@Test
	void buffersThatBroughtSmallPiecesAreNotKept() {
		String text = "0123456789abcdef".repeat(512);
		byte[] bytes = WireFrame.encodeAll(WireFrame.text(text.substring(0, 5000)).fin(false).mask(0x01020304),
				WireFrame.continuation(text.substring(5000)).mask(0xA1B2C3D4));
		RelayDriver driver = driver();
		List<ByteBuf> pieces = new ArrayList<>();
		int index = 0;
		for (int size : sizes(bytes.length)) {
			ByteBuf piece = Unpooled.buffer(2048).writeBytes(bytes, index, size);
			index += size;
			pieces.add(piece);
			driver.reader(Side.CLIENT).read(piece);
		}
		driver.flush();
		assertThat(this.seen).containsExactly(text);
		assertThat(written(this.upstream)).isEqualTo(bytes);
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
	}

	@Test
	void mostAreGivenBackBeforeTheMessageIsWhole() {
		byte[] bytes = WireFrame.text("x".repeat(8192)).mask(0x01020304).encode();
		RelayDriver driver = driver();
		List<ByteBuf> pieces = new ArrayList<>();
		for (int i = 0; i < bytes.length - 1; i++) {
			ByteBuf piece = Unpooled.buffer(2048).writeByte(bytes[i]);
			pieces.add(piece);
			driver.reader(Side.CLIENT).read(piece);
		}
		assertThat(pieces.stream().filter((piece) -> piece.refCnt() > 0)).isEmpty();
		driver.reader(Side.CLIENT).dispose();
	}

	@Test
	void fragmentsAmongPingsDoNotKeepTheirBuffers() {
		RelayDriver driver = driver();
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
			driver.reader(Side.CLIENT).read(piece);
			// What was passed on
			driver.flush();
			this.upstream.releaseOutbound();
		}
		// The first one stays where it is: one buffer is what a read may keep
		assertThat(pieces.stream().filter((piece) -> piece.refCnt() > 0)).hasSize(1);
		driver.reader(Side.CLIENT).read(Unpooled.copiedBuffer(WireFrame.continuation("end").masked().encode()));
		driver.flush();
		StringBuilder expected = new StringBuilder("0");
		for (int i = 1; i < 100; i++) {
			expected.append("x".repeat(i * 20));
		}
		assertThat(this.seen).containsExactly(expected + "end");
		this.upstream.releaseOutbound();
		assertThat(pieces).allMatch((piece) -> piece.refCnt() == 0);
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

	private RelayDriver driver() {
		PolicyBinding binding = PolicyBinding.of("reader", (frame, context) -> {
			this.seen.add(((TextFrame) frame).text());
			return Verdict.forward();
		});
		DirectionPipeline inbound = DirectionPipeline.of(List.of(binding));
		SessionPipeline pipeline = new SessionPipeline("test", inbound, DirectionPipeline.EMPTY,
				List.of(binding.policy()), Limits.NONE, Limits.NONE, Timeouts.DEFAULT, Framing.DEFAULT, "text/plain",
				CloseStatus.INTERNAL_ERROR, CloseStatus.GOING_AWAY, WaterMarks.DEFAULT);
		ProxiedSession session = Mockito.mock(ProxiedSession.class);
		BDDMockito.given(session.id()).willReturn("test");
		return new RelayDriver(session, pipeline, Mockito.mock(RelayObserver.class), context(this.client),
				context(this.upstream));
	}

	private static ChannelHandlerContext context(EmbeddedChannel channel) {
		return channel.pipeline().firstContext();
	}

	private static byte[] written(EmbeddedChannel channel) {
		CompositeByteBuf all = Unpooled.compositeBuffer(1024);
		try {
			ByteBuf next = channel.readOutbound();
			while (next != null) {
				all.addComponent(true, next);
				next = channel.readOutbound();
			}
			return ByteBufUtil.getBytes(all);
		}
		finally {
			all.release();
		}
	}

}
