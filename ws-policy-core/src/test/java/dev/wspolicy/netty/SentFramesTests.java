package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Frames that policies and others send.
 */
class SentFramesTests {

	private final Flushes client = new Flushes();

	private final Flushes upstream = new Flushes();

	@Test
	void whatAPolicySendsIsFlushedOnceForAllMessagesOfARead() {
		FramePolicy policy = (frame, context) -> {
			String text = ((TextFrame) frame).text();
			context.session().send(Side.CLIENT, TextFrame.of(text + " 1"));
			context.session().send(Side.CLIENT, TextFrame.of(text + " 2"));
			return Verdict.drop();
		};
		try (EmbeddedSession session = open(policy)) {
			this.client.count = 0;
			session.read(Side.CLIENT, WireFrame.text("a"), WireFrame.text("b"), WireFrame.text("c"));
			assertThat(session.frames(Side.CLIENT)).extracting(WireFrame::payloadAsText)
				.containsExactly("a 1", "a 2", "b 1", "b 2", "c 1", "c 2");
			assertThat(this.client.count).isEqualTo(1);
		}
	}

	/** Nothing follows that would flush it. */
	@Test
	void whatAPolicySendsIsFlushedWhenTheReadEnds() {
		FramePolicy policy = (frame, context) -> {
			context.session().send(Side.CLIENT, TextFrame.of("sent"));
			return Verdict.drop();
		};
		try (EmbeddedSession session = open(policy)) {
			session.arrive(Side.CLIENT, WireFrame.text("a"));
			assertThat(session.frames(Side.CLIENT)).extracting(WireFrame::payloadAsText).containsExactly("sent");
		}
	}

	@Test
	void whatOthersSendIsFlushedAtOnce() {
		try (EmbeddedSession session = open((frame, context) -> Verdict.forward())) {
			session.session().send(Side.UPSTREAM, TextFrame.of("sent"));
			session.runTasks();
			assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText).containsExactly("sent");
		}
	}

	@Test
	void sentFramesKeepTheirPlaceAmongForwardedOnes() {
		FramePolicy policy = (frame, context) -> {
			context.session().send(Side.UPSTREAM, TextFrame.of("before " + ((TextFrame) frame).text()));
			return Verdict.forward();
		};
		try (EmbeddedSession session = open(policy)) {
			session.read(Side.CLIENT, WireFrame.text("a"), WireFrame.text("b"));
			List<String> texts = new ArrayList<>();
			session.frames(Side.UPSTREAM).forEach((frame) -> texts.add(frame.payloadAsText()));
			assertThat(texts).containsExactly("before a", "a", "before b", "b");
			assertThat(this.upstream.count).isEqualTo(1);
		}
	}

	@Test
	void whatWaitsForTheEventLoopComesBeforeAVerdictThatIsThere() {
		try (EmbeddedSession session = open((frame, context) -> forwardLater())) {
			session.session().send(Side.UPSTREAM, TextFrame.of("sent"));
			session.read(Side.CLIENT, WireFrame.text("a"));
			assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText).containsExactly("sent", "a");
		}
	}

	@Test
	void verdictThatIsThereIsTakenAtOnceIfNothingWaits() {
		try (EmbeddedSession session = open((frame, context) -> forwardLater())) {
			session.session().send(Side.UPSTREAM, TextFrame.of("sent"));
			session.runTasks();
			session.arrive(Side.CLIENT, WireFrame.text("a"));
			assertThat(session.isSuspended(Side.CLIENT)).isFalse();
			session.readComplete(Side.CLIENT);
			assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText).containsExactly("sent", "a");
		}
	}

	/**
	 * More than may wait for a peer, none of which has been offered to this one before
	 * the call ends.
	 */
	@Test
	void policyMaySendMuchAtOnceToAPeerThatTakesIt() {
		byte[] payload = new byte[1024 * 1024];
		FramePolicy policy = (frame, context) -> {
			for (int i = 0; i < 40; i++) {
				context.session().send(Side.CLIENT, BinaryFrame.of(payload));
			}
			return Verdict.drop();
		};
		try (EmbeddedSession session = open(policy)) {
			session.read(Side.CLIENT, WireFrame.text("a"));
			assertThat(session.frames(Side.CLIENT)).hasSize(40)
				.allSatisfy((frame) -> assertThat(frame.payload()).hasSize(payload.length));
		}
	}

	private static Verdict forwardLater() {
		return Verdict.later(CompletableFuture.completedFuture(Verdict.forward()));
	}

	private EmbeddedSession open(FramePolicy policy) {
		EmbeddedSession session = EmbeddedSession.builder()
			.channels(channel(this.client), channel(this.upstream))
			.inbound(List.of(PolicyBinding.of("policy", policy)))
			.open();
		this.client.count = 0;
		this.upstream.count = 0;
		return session;
	}

	private static EmbeddedChannel channel(Flushes flushes) {
		EmbeddedChannel channel = new SteadyChannel();
		channel.pipeline().addFirst(flushes);
		return channel;
	}

	/**
	 * Counts flushes.
	 */
	private static final class Flushes extends ChannelOutboundHandlerAdapter {

		private int count;

		@Override
		public void flush(ChannelHandlerContext context) {
			this.count++;
			context.flush();
		}

	}

}
