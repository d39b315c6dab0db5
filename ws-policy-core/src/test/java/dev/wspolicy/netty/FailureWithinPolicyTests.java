package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;

import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.QuietLog;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The gateway fails while a policy is being asked, because of what that policy does: the
 * session ends, but policies are told so only when they have returned.
 */
@ExtendWith(QuietLog.class)
class FailureWithinPolicyTests {

	private final List<String> calls = new ArrayList<>();

	/** Unlike other channels without a socket, it runs no tasks while it is closed. */
	private final SlowChannel client = new SlowChannel(new ChannelInboundHandlerAdapter());

	private final SlowChannel upstream = new SlowChannel(new ChannelInboundHandlerAdapter());

	private boolean failing;

	private final FailingAllocator allocator = new FailingAllocator(() -> {
		if (this.failing) {
			throw new OutOfMemoryError("no more buffers");
		}
	});

	@Test
	void whileAFrameIsShown() {
		EmbeddedSession session = open(new Recorder("first") {

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				sendInVain(context.session());
				return super.apply(frame, context);
			}

		}, new Recorder("second"));
		session.arrive(Side.CLIENT, WireFrame.text("hello"));
		assertThat(session.channel(Side.CLIENT).isOpen()).isFalse();
		assertThat(session.channel(Side.UPSTREAM).isOpen()).isFalse();
		assertThat(this.upstream.taken.size()).isZero();
		end(session);
		assertThat(this.calls).containsExactly("first opened", "second opened", "first asked", "second asked",
				"first closed", "second closed");
	}

	@Test
	void whileTheSessionIsOpened() {
		EmbeddedSession session = open(new Recorder("first") {

			@Override
			public void onOpen(ProxiedSession session) {
				sendInVain(session);
				super.onOpen(session);
			}

		}, new Recorder("second"));
		assertThat(session.channel(Side.CLIENT).isOpen()).isFalse();
		assertThat(session.channel(Side.UPSTREAM).isOpen()).isFalse();
		end(session);
		assertThat(this.calls).containsExactly("first opened", "second opened", "first closed", "second closed");
	}

	private EmbeddedSession open(FramePolicy... policies) {
		this.client.config().setAllocator(this.allocator);
		return EmbeddedSession.builder()
			.channels(this.client, this.upstream)
			.inbound(List.of(PolicyBinding.of("first", policies[0]), PolicyBinding.of("second", policies[1])))
			.open();
	}

	private void end(EmbeddedSession session) {
		this.client.runTasks();
		this.upstream.runTasks();
		assertThat(this.client.runScheduledPendingTasks()).as("timers").isEqualTo(-1);
		session.close();
	}

	private void sendInVain(ProxiedSession session) {
		this.failing = true;
		session.send(Side.CLIENT, TextFrame.of("in vain"));
		this.failing = false;
	}

	private class Recorder implements FramePolicy {

		private final String name;

		Recorder(String name) {
			this.name = name;
		}

		@Override
		public void onOpen(ProxiedSession session) {
			FailureWithinPolicyTests.this.calls.add(this.name + " opened");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			FailureWithinPolicyTests.this.calls.add(this.name + " asked");
			return Verdict.forward();
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			FailureWithinPolicyTests.this.calls.add(this.name + " closed");
		}

	}

}
