package dev.wspolicy.netty;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PipelineDefinition;
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

	private final List<String> calls = new ArrayList<>();

	private final LiveSessions registry = new LiveSessions();

	private final Equal first = new Equal(this.calls);

	private EmbeddedChannel client;

	private EmbeddedChannel upstream;

	private NettySession session;

	@BeforeEach
	void open() {
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		this.client = new EmbeddedChannel(clientHandler);
		this.upstream = new EmbeddedChannel(upstreamHandler);
		SessionPipeline pipeline = pipeline(List.of(this.first), List.of(this.first));
		this.session = new NettySession("session", Mockito.mock(UpgradeContext.class), pipeline, this.registry,
				List.of());
		RelayDriver driver = new RelayDriver(this.session, pipeline, this.session,
				this.client.pipeline().context(clientHandler), this.upstream.pipeline().context(upstreamHandler));
		clientHandler.attach(driver);
		upstreamHandler.attach(driver);
		this.session.open(driver);
		driver.start();
	}

	@AfterEach
	void close() {
		this.client.finishAndReleaseAll();
		this.upstream.finishAndReleaseAll();
	}

	@Test
	void formerPoliciesAreLetGoAtOnceBetweenMessages() {
		Equal second = new Equal(this.calls);
		from(this.client, TEXT.masked());
		this.session.succeed(pipeline(List.of(second), List.of(second)));
		assertThat(this.calls).containsExactly(this.first.opens(), this.first.judges(), second.opens(),
				this.first.closes(Cause.REPLACED));
		from(this.upstream, TEXT);
		assertThat(this.calls).hasSize(5).endsWith(second.judges());
		lose();
		assertThat(this.calls).hasSize(6).endsWith(second.closes(Cause.CONNECTION_LOST));
	}

	@Test
	void formerPoliciesAreLetGoOnceBothDirectionsDoWithoutThem() {
		Equal second = new Equal(this.calls);
		beginMessages();
		this.session.succeed(pipeline(List.of(second), List.of(second)));
		assertThat(this.calls).containsExactly(this.first.opens(), second.opens());
		from(this.client, WireFrame.continuation("").masked());
		from(this.client, TEXT.masked());
		assertThat(this.calls).hasSize(4).endsWith(this.first.judges(), second.judges());
		from(this.upstream, WireFrame.continuation(""));
		assertThat(this.calls).hasSize(6).endsWith(this.first.judges(), this.first.closes(Cause.REPLACED));
		from(this.upstream, TEXT);
		assertThat(this.calls).hasSize(7).endsWith(second.judges());
		lose();
		assertThat(this.calls).hasSize(8).endsWith(second.closes(Cause.CONNECTION_LOST));
	}

	@Test
	void pipelinesThatNoMessageEverSawDoNotPileUp() {
		List<Equal> policies = Stream.generate(() -> new Equal(this.calls)).limit(100).toList();
		beginMessages();
		policies.forEach((policy) -> this.session.succeed(pipeline(List.of(policy), List.of())));
		assertThat(this.calls).hasSize(200);
		for (int i = 0; i < 99; i++) {
			assertThat(this.calls.subList(2 + 2 * i, 4 + 2 * i)).as("call " + i)
				.containsExactlyInAnyOrder(policies.get(i).closes(Cause.REPLACED), policies.get(i + 1).opens());
		}
		lose();
		assertThat(this.calls.subList(200, this.calls.size())).containsExactly(this.first.closes(Cause.CONNECTION_LOST),
				policies.get(99).closes(Cause.CONNECTION_LOST));
	}

	@Test
	void policyThatStaysHearsNothing() {
		Equal second = new Equal(this.calls);
		this.session.succeed(pipeline(List.of(second, this.first), List.of()));
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
	void sessionThatHasEndedTakesNoTasks() {
		lose();
		this.session.schedule(Duration.ofHours(1), () -> this.calls.add("task"));
		assertThat(this.client.runScheduledPendingTasks()).isEqualTo(-1);
	}

	private void beginMessages() {
		from(this.client, TEXT.fin(false).masked());
		from(this.upstream, TEXT.fin(false));
	}

	private void lose() {
		for (EmbeddedChannel channel : List.of(this.client, this.upstream)) {
			// Other than a close of the channel, this leaves the tasks of its loop alone.
			channel.unsafe().close(channel.voidPromise());
			channel.runPendingTasks();
		}
	}

	private void from(EmbeddedChannel channel, WireFrame frame) {
		channel.writeInbound(Unpooled.copiedBuffer(frame.encode()));
		this.client.runPendingTasks();
	}

	private static SessionPipeline pipeline(List<Equal> inbound, List<Equal> outbound) {
		PipelineDefinition definition = new PipelineDefinition("test", true, List.of(), List.of(), Limits.NONE,
				Limits.NONE, Timeouts.DEFAULT, Framing.DEFAULT, "text/plain", CloseStatus.INTERNAL_ERROR,
				CloseStatus.GOING_AWAY);
		return SessionPipeline.of(definition, bindings(inbound), bindings(outbound));
	}

	private static List<PolicyBinding> bindings(List<Equal> policies) {
		return policies.stream().map((policy) -> PolicyBinding.of("policy", policy)).toList();
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
		public void onClose(ProxiedSession session, Termination termination) {
			this.calls.add(closes(termination.cause()));
		}

		String opens() {
			return System.identityHashCode(this) + " opens";
		}

		String judges() {
			return System.identityHashCode(this) + " judges";
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
