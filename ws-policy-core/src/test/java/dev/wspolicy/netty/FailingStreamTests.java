package dev.wspolicy.netty;

import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Writes to a stream of HTTP/2 that fail at once, as they may if its connection is lost
 * within a call. What the client has sent before is then read on, within the write.
 */
class FailingStreamTests {

	private static final FramePolicy FORWARD = (frame, context) -> Verdict.forward();

	private final EmbeddedChannel connection = new EmbeddedChannel();

	private final Stream client = new Stream(this.connection);

	private EmbeddedSession session;

	private void open(@Nullable PerMessageDeflate deflate, FramePolicy inbound, FramePolicy outbound) {
		this.session = EmbeddedSession.builder()
			.channels(this.client, new SteadyChannel())
			.inbound(List.of(PolicyBinding.of("inbound", inbound).types(FrameType.TEXT)))
			.outbound(List.of(PolicyBinding.of("outbound", outbound).types(FrameType.TEXT)))
			.deflate(deflate, null)
			.open();
	}

	@AfterEach
	void close() {
		this.client.runTasks();
		this.session.close();
		this.connection.finishAndReleaseAll();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void frameUnderWayContinues(boolean compressing) {
		open(compressing ? new PerMessageDeflate("", true, true, -1, 1000) : null, FORWARD,
				(frame, context) -> Verdict.replace(TextFrame.of("1"), TextFrame.of("2")));
		byte[] half = WireFrame.binary(new byte[50]).masked().encode();
		this.client.arrive(Arrays.copyOf(half, 20));
		this.client.wait(false, Arrays.copyOfRange(half, 20, half.length));
		this.client.wait(true, WireFrame.encodeAll(WireFrame.text("a").masked(), WireFrame.text("b").masked()));
		this.client.failing = true;
		this.session.read(Side.UPSTREAM, WireFrame.text("x"), WireFrame.text("y"));
		this.client.runTasks();
		List<WireFrame> written = this.session.frames(Side.UPSTREAM);
		assertThat(written).hasSize(4);
		assertThat(written.get(0).payload()).isEqualTo(new byte[50]);
		assertThat(written.subList(1, 3)).extracting(WireFrame::payloadAsText).containsExactly("a", "b");
		assertThat(written.get(3).closeCode()).isEqualTo(1001);
	}

	@Test
	void closeReachesTheUpstreamThatFailsToReachTheClient() {
		open(null, FORWARD, FORWARD);
		this.client.config().setAutoRead(false);
		this.client.wait(true, WireFrame.binary(new byte[3]).masked().encode());
		this.client.failing = true;
		this.session.proxied().close(CloseStatus.POLICY_VIOLATION, CloseStatus.POLICY_VIOLATION);
		this.client.runTasks();
		assertThat(this.client.waiting).isEmpty();
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::closeCode).containsExactly(1008);
	}

	/** A policy is shown what waits while the outcome of another one is carried out. */
	@Test
	void policyMayCloseTheSessionMeanwhile() {
		open(null, (frame, context) -> {
			String text = ((TextFrame) frame).text();
			if (text.equals("close")) {
				context.session().close(CloseStatus.POLICY_VIOLATION, CloseStatus.POLICY_VIOLATION);
			}
			context.session().send(Side.UPSTREAM, TextFrame.of("seen " + text));
			return Verdict.forward();
		}, (frame, context) -> {
			context.session().send(Side.UPSTREAM, TextFrame.of("got " + ((TextFrame) frame).text()));
			return Verdict.replace(TextFrame.of("1"), TextFrame.of("2"), TextFrame.of("3"));
		});
		this.client.config().setAutoRead(false);
		this.client.wait(false, WireFrame.encodeAll(WireFrame.text("a").masked(), WireFrame.text("close").masked()));
		this.client.wait(true, WireFrame.text("b").masked().encode());
		this.client.failing = true;
		this.session.read(Side.UPSTREAM, WireFrame.text("x"), WireFrame.text("y"));
		this.client.runTasks();
		assertThat(this.client.waiting).isEmpty();
		List<WireFrame> written = this.session.frames(Side.UPSTREAM);
		assertThat(written).hasSize(4);
		assertThat(written.subList(0, 3)).extracting(WireFrame::payloadAsText).containsExactly("got x", "seen a", "a");
		assertThat(written.get(3).closeCode()).isEqualTo(1008);
	}

	/**
	 * A stream of a client, whose tasks run when the test says so.
	 */
	private static final class Stream extends EmbeddedChannel {

		/** What is delivered when the stream is read on. */
		private final Queue<Http2DataFrame> waiting = new ArrayDeque<>();

		private boolean failing;

		Stream(EmbeddedChannel connection) {
			super(builder().parent(connection));
			StreamCodec.install(this);
			pipeline().addFirst(new Frames(this));
		}

		void wait(boolean last, byte[] bytes) {
			this.waiting.add(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), last));
		}

		void arrive(byte[] bytes) {
			pipeline().fireChannelRead(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes)));
			pipeline().fireChannelReadComplete();
			config().setAutoRead(false);
		}

		void runTasks() {
			super.runPendingTasks();
		}

		@Override
		public void runPendingTasks() {
			// Not in the middle of something else
		}

	}

	/**
	 * The connection's end of the stream.
	 */
	private static final class Frames extends ChannelDuplexHandler {

		private final Stream stream;

		Frames(Stream stream) {
			this.stream = stream;
		}

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			ByteBuf content = ((Http2DataFrame) message).content();
			if (this.stream.failing) {
				content.release();
				promise.setFailure(new ClosedChannelException());
			}
			else {
				context.write(content, promise);
			}
		}

		@Override
		public void read(ChannelHandlerContext context) {
			context.read();
			boolean any = false;
			while (context.channel().config().isAutoRead() && !this.stream.waiting.isEmpty()) {
				any = true;
				context.fireChannelRead(this.stream.waiting.remove());
			}
			if (any) {
				context.fireChannelReadComplete();
			}
		}

	}

}
