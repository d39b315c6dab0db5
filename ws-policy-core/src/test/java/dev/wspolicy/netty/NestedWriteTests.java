package dev.wspolicy.netty;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Frames that could be written while another one is. A write may fill a leg, and the
 * flush that follows may lead to anything that waits for either leg.
 */
class NestedWriteTests {

	private static final PerMessageDeflate DEFLATE = new PerMessageDeflate("", true, true, -1, 1000);

	private final StallingChannel client = new StallingChannel();

	private final StallingChannel upstream = new StallingChannel();

	private final Queue<String> sentWithinFlush = new ArrayDeque<>();

	private EmbeddedSession session;

	@AfterEach
	void close() {
		this.client.stalled = false;
		this.upstream.stalled = false;
		if (this.session != null) {
			this.session.close();
		}
	}

	private void open(@Nullable PerMessageDeflate upstreamDeflate) {
		PolicyBinding inbound = PolicyBinding.of("inbound", (frame, context) -> {
			// So that there is something to flush to the client
			context.session().send(Side.CLIENT, TextFrame.of("seen"));
			return Verdict.forward();
		}).types(FrameType.TEXT);
		PolicyBinding outbound = PolicyBinding
			.of("outbound", (frame, context) -> ((TextFrame) frame).text().equals("ask")
					? Verdict.reply(TextFrame.of("answer")) : Verdict.replace(TextFrame.of("x".repeat(999))))
			.types(FrameType.TEXT);
		this.session = EmbeddedSession.builder()
			.channels(this.client, this.upstream)
			.inbound(List.of(inbound))
			.outbound(List.of(outbound))
			.deflate(DEFLATE, upstreamDeflate)
			.open();
		// A policy fills the client, so that what the upstream has asked has to wait.
		this.client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(100, 900));
		this.client.stalled = true;
		this.session.read(Side.UPSTREAM, WireFrame.text("fill"), WireFrame.text("ask"));
		// By now it could take more, but the event loop has not been told yet.
		this.client.stalled = false;
		this.upstream.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 100));
	}

	@Test
	void answerDoesNotStandWithinAFrameThatWasHeldInPieces() {
		open(null);
		String text = "t".repeat(2000);
		byte[] bytes = WireFrame.text(text).masked().encode();
		this.session.read(Side.CLIENT, Unpooled.wrappedBuffer(Arrays.copyOf(bytes, 1500)));
		this.session.read(Side.CLIENT, Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, 1500, bytes.length)));
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactly(text, "answer");
	}

	@Test
	void answerDoesNotStandWithinAFrameThatIsNotCompressed() {
		open(DEFLATE);
		this.session.read(Side.CLIENT, WireFrame.text("short"));
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactly("short", "answer");
	}

	/**
	 * A flush of one stream may let the session of another one proceed, whose policy
	 * sends something here.
	 */
	@Test
	void broadcastDoesNotStandWithinAFrameThatWasHeldInPieces() {
		StallingChannel upstream = new StallingChannel(new Broadcast(Side.UPSTREAM));
		this.session = EmbeddedSession.builder()
			.channels(this.client, upstream)
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> Verdict.forward()).types(FrameType.TEXT)))
			.open();
		upstream.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 100));
		this.sentWithinFlush.add("broadcast");
		String text = "t".repeat(2000);
		byte[] bytes = WireFrame.text(text).masked().encode();
		this.session.arrive(Side.CLIENT, Unpooled.wrappedBuffer(Arrays.copyOf(bytes, 1500)));
		this.session.read(Side.CLIENT, Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, 1500, bytes.length)));
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactly(text, "broadcast");
	}

	@Test
	void whatIsSentWithinAFlushIsFlushed() {
		this.session = EmbeddedSession.builder()
			.channels(new StallingChannel(new Broadcast(Side.CLIENT)), this.upstream)
			.open();
		this.sentWithinFlush.addAll(List.of("2", "3", "4"));
		this.session.proxied().send(Side.CLIENT, TextFrame.of("1"));
		this.session.runTasks();
		assertThat(this.session.frames(Side.CLIENT)).extracting(WireFrame::payloadAsText)
			.containsExactly("1", "2", "3", "4");
	}

	/** A stream delivers at once what has waited to be read. */
	@Test
	void endThatWaitsToBeReadDoesNotOvertakeAClose() {
		EndingStream stream = new EndingStream();
		this.session = EmbeddedSession.builder().channels(new StallingChannel(stream), this.upstream).open();
		this.upstream.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 100));
		this.upstream.stalled = true;
		this.session.read(Side.CLIENT, WireFrame.binary(new byte[200]));
		assertThat(this.session.channel(Side.CLIENT).config().isAutoRead()).isFalse();
		stream.ending = true;
		this.session.proxied().close(CloseStatus.POLICY_VIOLATION, CloseStatus.POLICY_VIOLATION);
		this.session.runTasks();
		this.upstream.stalled = false;
		this.upstream.flush();
		assertThat(stream.ending).isFalse();
		assertThat(this.session.frames(Side.CLIENT)).extracting(WireFrame::closeCode).containsExactly(1008);
		List<WireFrame> written = this.session.frames(Side.UPSTREAM);
		assertThat(written).hasSize(2);
		assertThat(written.get(1).closeCode()).isEqualTo(1008);
	}

	/**
	 * Has something sent to a side whenever it is flushed.
	 */
	private final class Broadcast extends ChannelOutboundHandlerAdapter {

		private final Side side;

		Broadcast(Side side) {
			this.side = side;
		}

		@Override
		public void flush(ChannelHandlerContext context) {
			context.flush();
			String next = NestedWriteTests.this.sentWithinFlush.poll();
			if (next != null) {
				NestedWriteTests.this.session.proxied().send(this.side, TextFrame.of(next));
			}
		}

	}

	/**
	 * A channel that takes nothing as long as it is stalled.
	 */
	private static final class StallingChannel extends SteadyChannel {

		private boolean stalled;

		StallingChannel(ChannelHandler... handlers) {
			super(handlers);
		}

		@Override
		protected void doWrite(ChannelOutboundBuffer buffer) throws Exception {
			if (!this.stalled) {
				super.doWrite(buffer);
			}
		}

	}

	/**
	 * Delivers the end of its input as soon as it is read.
	 */
	private static final class EndingStream extends ChannelOutboundHandlerAdapter {

		private boolean ending;

		@Override
		public void read(ChannelHandlerContext context) throws Exception {
			super.read(context);
			if (this.ending) {
				this.ending = false;
				context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
			}
		}

	}

}
