package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a channel is read, and what it costs to start and stop that.
 */
class FlowControlTests {

	private final RecordingChannel client = new RecordingChannel();

	private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();

	private EmbeddedSession session;

	@BeforeEach
	void open() {
		PolicyBinding policy = PolicyBinding.of("policy", (frame, context) -> ((TextFrame) frame).text().equals("later")
				? Verdict.later(this.verdict) : Verdict.forward());
		this.session = EmbeddedSession.builder()
			.channels(this.client, new SteadyChannel())
			.inbound(List.of(policy))
			.open();
		this.client.changes.clear();
	}

	@AfterEach
	void close() {
		this.session.close();
	}

	@Test
	void pendingVerdictForAPeerThatSendsNothingMoreLeavesAutoReadAlone() {
		this.session.read(Side.CLIENT, WireFrame.text("later"));
		assertThat(isReading()).isFalse();
		this.verdict.complete(Verdict.forward());
		this.session.runTasks();
		assertThat(isReading()).isTrue();
		assertThat(this.client.changes).isEmpty();
		assertThat(payloads()).containsExactly("later");
	}

	@Test
	void framesBehindTheOneThatIsJudgedLeaveAutoReadAlone() {
		this.session.read(Side.CLIENT, WireFrame.text("later"), WireFrame.text("next"));
		assertThat(payloads()).isEmpty();
		this.verdict.complete(Verdict.forward());
		this.session.runTasks();
		assertThat(this.client.changes).isEmpty();
		assertThat(payloads()).containsExactly("later", "next");
	}

	@Test
	void bytesThatComeWhileAVerdictIsPendingStopReading() {
		this.session.read(Side.CLIENT, WireFrame.text("later"));
		this.session.arrive(Side.CLIENT, WireFrame.text("next"));
		assertThat(this.client.changes).containsExactly(false);
		this.session.readComplete(Side.CLIENT);
		assertThat(payloads()).isEmpty();
		this.verdict.complete(Verdict.forward());
		this.session.runTasks();
		assertThat(this.client.changes).containsExactly(false, true);
		assertThat(isReading()).isTrue();
		assertThat(payloads()).containsExactly("later", "next");
	}

	@Test
	void targetAboveItsHighWaterMarkStopsReading() {
		EmbeddedChannel upstream = this.session.channel(Side.UPSTREAM);
		upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
		upstream.runPendingTasks();
		assertThat(this.client.changes).containsExactly(false);
		assertThat(isReading()).isFalse();
		upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
		upstream.runPendingTasks();
		assertThat(this.client.changes).containsExactly(false, true);
		assertThat(isReading()).isTrue();
	}

	private boolean isReading() {
		return this.session.driver().isReading(Direction.INBOUND);
	}

	private List<String> payloads() {
		return this.session.frames(Side.UPSTREAM).stream().map(WireFrame::payloadAsText).toList();
	}

	/**
	 * Records each change of auto-read, which costs a system call on epoll.
	 */
	private static final class RecordingChannel extends SteadyChannel {

		private final List<Boolean> changes = new ArrayList<>();

		private final @Nullable ChannelConfig config = new DefaultChannelConfig(this) {

			@Override
			public ChannelConfig setAutoRead(boolean autoRead) {
				if (autoRead != isAutoRead()) {
					RecordingChannel.this.changes.add(autoRead);
				}
				return super.setAutoRead(autoRead);
			}

		};

		@Override
		public ChannelConfig config() {
			// Called by the constructor of the superclass, too
			return (this.config != null) ? this.config : super.config();
		}

	}

}
