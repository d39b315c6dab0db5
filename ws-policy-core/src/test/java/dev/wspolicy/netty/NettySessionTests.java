package dev.wspolicy.netty;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whom a session tells of what, and what it keeps.
 */
class NettySessionTests {

	private static final WireFrame TEXT = WireFrame.text("x");

	private static final Duration SLOW_CONSUMER_TIMEOUT = Duration.ofSeconds(20);

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(40);

	private final List<String> calls = new ArrayList<>();

	private final LiveSessions registry = new LiveSessions();

	private final Equal first = new Equal(this.calls);

	private EmbeddedSession embedded;

	private BreakableChannel client;

	private EmbeddedChannel upstream;

	private NettySession session;

	@BeforeEach
	void open() {
		this.client = new BreakableChannel();
		this.upstream = new SteadyChannel();
		this.embedded = EmbeddedSession.builder()
			.channels(this.client, this.upstream)
			.pipeline(pipeline(List.of(this.first), List.of(this.first)))
			.registry(this.registry)
			.open();
		this.session = this.embedded.session();
	}

	@AfterEach
	void close() {
		this.embedded.close();
	}

	@Test
	void formerPoliciesAreLetGoAtOnceBetweenMessages() {
		Equal second = new Equal(this.calls);
		from(this.client, TEXT.masked());
		switchPipeline(pipeline(List.of(second), List.of(second)));
		assertThat(this.calls).containsExactly(this.first.opens(), this.first.judges(), second.opens(),
				this.first.detaches());
		from(this.upstream, TEXT);
		assertThat(this.calls).hasSize(5).endsWith(second.judges());
		lose();
		assertThat(this.calls).hasSize(6).endsWith(second.closes(Cause.CONNECTION_LOST));
	}

	@Test
	void formerPoliciesAreLetGoOnceBothDirectionsDoWithoutThem() {
		Equal second = new Equal(this.calls);
		beginMessages();
		switchPipeline(pipeline(List.of(second), List.of(second)));
		assertThat(this.calls).containsExactly(this.first.opens(), second.opens());
		from(this.client, WireFrame.continuation("").masked());
		from(this.client, TEXT.masked());
		assertThat(this.calls).hasSize(4).endsWith(this.first.judges(), second.judges());
		from(this.upstream, WireFrame.continuation(""));
		assertThat(this.calls).hasSize(6).endsWith(this.first.judges(), this.first.detaches());
		from(this.upstream, TEXT);
		assertThat(this.calls).hasSize(7).endsWith(second.judges());
		lose();
		assertThat(this.calls).hasSize(8).endsWith(second.closes(Cause.CONNECTION_LOST));
	}

	@Test
	void pipelinesThatNoMessageEverSawDoNotPileUp() {
		List<Equal> policies = Stream.generate(() -> new Equal(this.calls)).limit(100).toList();
		beginMessages();
		policies.forEach((policy) -> switchPipeline(pipeline(List.of(policy), List.of())));
		assertThat(this.calls).hasSize(200);
		for (int i = 0; i < 99; i++) {
			assertThat(this.calls.subList(2 + 2 * i, 4 + 2 * i)).as("call " + i)
				.containsExactlyInAnyOrder(policies.get(i).detaches(), policies.get(i + 1).opens());
		}
		lose();
		assertThat(this.calls.subList(200, this.calls.size())).containsExactly(this.first.closes(Cause.CONNECTION_LOST),
				policies.get(99).closes(Cause.CONNECTION_LOST));
	}

	@Test
	void policyThatStaysHearsNothing() {
		Equal second = new Equal(this.calls);
		switchPipeline(pipeline(List.of(second, this.first), List.of()));
		from(this.client, TEXT.masked());
		from(this.upstream, TEXT);
		assertThat(this.calls).containsExactly(this.first.opens(), second.opens(), second.judges(),
				this.first.judges());
	}

	@Test
	void sessionThatHasEndedIsNotKeptByTheDrain() {
		this.registry.drain(Duration.ofHours(1));
		assertThat(this.client.runScheduledPendingTasks()).isPositive();
		lose();
		assertThat(this.registry.size()).isZero();
		assertThat(this.client.runScheduledPendingTasks()).isEqualTo(-1);
	}

	@Test
	void drainIsOverWhenTheLastSessionHasToldThatItIs() {
		this.registry.drain(Duration.ofHours(1)).thenRun(() -> this.calls.add("drained"));
		lose();
		assertThat(this.calls).containsExactly(this.first.opens(), this.first.closes(Cause.CONNECTION_LOST), "drained");
	}

	@Test
	void drainWaitsForThoseWhoAreBeingTold() {
		NettySession other = new NettySession("other", Mockito.mock(UpgradeContext.class),
				pipeline(List.of(), List.of()), this.registry, List.of(), null);
		// Another session, on a loop of its own, has ended and tells of it.
		this.registry.add(other);
		this.registry.remove(other);
		this.registry.drain(Duration.ofHours(1)).thenRun(() -> this.calls.add("drained"));
		lose();
		assertThat(this.calls).doesNotContain("drained");
		this.registry.onCallbacksDone();
		assertThat(this.calls).endsWith("drained");
	}

	@Test
	void sessionThatHasEndedTakesNoTasks() {
		lose();
		this.session.schedule(Duration.ofHours(1), () -> this.calls.add("task"));
		assertThat(this.client.runScheduledPendingTasks()).isEqualTo(-1);
	}

	@Test
	void peerThatCannotBeWrittenToIsNotSlow() {
		this.client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
		this.client.state = State.FULL;
		from(this.upstream, TEXT);
		assertThat(this.client.runScheduledPendingTasks()).isPositive();
		this.client.state = State.BROKEN;
		this.client.flush();
		this.client.advanceTimeBy(SLOW_CONSUMER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
		this.embedded.runDueTasks();
		assertThat(this.session.isOpen()).isTrue();
		this.client.advanceTimeBy(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
		this.embedded.runDueTasks();
		assertThat(this.session.isOpen()).isFalse();
		assertThat(this.client.isOpen()).isFalse();
		lose();
		assertThat(this.calls).endsWith(this.first.closes(Cause.CONNECTION_LOST));
	}

	@Test
	void sessionThatHasEndedIsNotKeptByAWriteThatHasFailed() {
		this.client.state = State.BROKEN;
		from(this.upstream, TEXT);
		assertThat(this.client.runScheduledPendingTasks()).isPositive();
		lose();
		assertThat(this.client.runScheduledPendingTasks()).isEqualTo(-1);
	}

	private void switchPipeline(SessionPipeline pipeline) {
		this.session.switchPipeline(pipeline);
		this.client.runPendingTasks();
	}

	private void beginMessages() {
		from(this.client, TEXT.fin(false).masked());
		from(this.upstream, TEXT.fin(false));
	}

	private void lose() {
		this.embedded.lose(Side.CLIENT);
		this.embedded.lose(Side.UPSTREAM);
	}

	private void from(EmbeddedChannel channel, WireFrame frame) {
		channel.writeInbound(Unpooled.copiedBuffer(frame.encode()));
		this.client.runPendingTasks();
	}

	private static SessionPipeline pipeline(List<Equal> inbound, List<Equal> outbound) {
		return EmbeddedSession.builder()
			.timeouts(timeouts())
			.inbound(bindings(inbound))
			.outbound(bindings(outbound))
			.toPipeline();
	}

	private static Timeouts timeouts() {
		Timeouts last = Timeouts.DEFAULT;
		return new Timeouts(last.handshake(), CLOSE_TIMEOUT, last.verdict(), last.frame(), SLOW_CONSUMER_TIMEOUT,
				last.idle(), last.maxDuration(), last.maxDurationJitter(), last.heartbeat());
	}

	private static List<PolicyBinding> bindings(List<Equal> policies) {
		return policies.stream().map((policy) -> PolicyBinding.of("policy", policy)).toList();
	}

	private enum State {

		WELL, FULL, BROKEN

	}

	/**
	 * May take nothing, or fail to be written to and live on.
	 */
	private static final class BreakableChannel extends SteadyChannel {

		private State state = State.WELL;

		BreakableChannel() {
			config().setAutoClose(false);
		}

		@Override
		protected void doWrite(ChannelOutboundBuffer in) throws Exception {
			switch (this.state) {
				case WELL -> super.doWrite(in);
				case BROKEN -> throw new IOException("broken");
				case FULL -> {
					// Nothing fits in
				}
			}
		}

		@Override
		protected void doShutdownOutput() {
			// The peer lives on
		}

	}

	/**
	 * Equal to all others.
	 */
	private static final class Equal implements FramePolicy {

		private final List<String> calls;

		Equal(List<String> calls) {
			this.calls = calls;
		}

		@Override
		public void onOpen(ProxiedSession session) {
			this.calls.add(opens());
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			this.calls.add(judges());
			return Verdict.forward();
		}

		@Override
		public void onDetached(ProxiedSession session) {
			this.calls.add(detaches());
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.calls.add(closes(termination.cause()));
		}

		String opens() {
			return System.identityHashCode(this) + " opens";
		}

		String judges() {
			return System.identityHashCode(this) + " judges";
		}

		String detaches() {
			return System.identityHashCode(this) + " detaches";
		}

		String closes(Cause cause) {
			return System.identityHashCode(this) + " closes, " + cause;
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Equal;
		}

		@Override
		public int hashCode() {
			return 1;
		}

	}

}
