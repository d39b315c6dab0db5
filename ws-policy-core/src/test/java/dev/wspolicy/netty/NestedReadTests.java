package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Bytes that come while others are being written. A write may flush the target; if that
 * takes what it was full of, the source is read again, and a stream of HTTP/2 passes on
 * at once what has waited for that.
 */
class NestedReadTests {

	private final Queue<WireFrame[]> coming = new ArrayDeque<>();

	private EmbeddedSession session;

	private void open(@Nullable PerMessageDeflate upstreamDeflate) {
		SteadyChannel upstream = new SteadyChannel(new ChannelOutboundHandlerAdapter() {

			@Override
			public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
				context.write(message, promise);
				WireFrame[] next = NestedReadTests.this.coming.poll();
				if (next != null) {
					NestedReadTests.this.session.arrive(Side.CLIENT, next);
				}
			}

		});
		PolicyBinding policy = PolicyBinding
			.of("policy",
					(frame, context) -> ((TextFrame) frame).text().equals("drop") ? Verdict.drop() : Verdict.forward())
			.types(FrameType.TEXT);
		this.session = EmbeddedSession.builder()
			.channels(new SteadyChannel(), upstream)
			.inbound(List.of(policy))
			.deflate(null, upstreamDeflate)
			.open();
	}

	@AfterEach
	void close() {
		this.session.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void waitWithinABuffer(boolean compressing) {
		// Frames are too short to be compressed: each is written in two pieces.
		open(compressing ? new PerMessageDeflate("", true, true, -1, 1000) : null);
		this.coming.add(new WireFrame[] { binary(3), drop(), binary(4) });
		this.coming.add(new WireFrame[] { binary(5) });
		this.coming.add(new WireFrame[] { WireFrame.text("6"), binary(7) });
		// What is dropped makes that two ranges, and two writes.
		this.session.arrive(Side.CLIENT, binary(0), drop(), binary(1), binary(2));
		this.session.readComplete(Side.CLIENT);
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactlyElementsOf(IntStream.range(0, 8).mapToObj(Integer::toString).toList());
	}

	@Test
	void waitBehindFramesThatWait() {
		open(new PerMessageDeflate("", true, true, -1, 1000));
		this.session.driver().suspend(Direction.INBOUND);
		this.session.arrive(Side.CLIENT, binary(0), binary(1));
		this.session.arrive(Side.CLIENT, binary(2), binary(3));
		this.coming.add(new WireFrame[] { binary(4) });
		this.session.driver().resume(Direction.INBOUND);
		this.session.readComplete(Side.CLIENT);
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactly("0", "1", "2", "3", "4");
	}

	private static WireFrame binary(int number) {
		return WireFrame.binary(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
	}

	private static WireFrame drop() {
		return WireFrame.text("drop");
	}

}
