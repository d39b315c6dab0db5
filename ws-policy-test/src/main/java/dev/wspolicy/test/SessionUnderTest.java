package dev.wspolicy.test;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * A session of the gateway's own engine, between two peers without sockets.
 */
final class SessionUnderTest {

	/** How long to wait, on the real clock, for a verdict from another thread. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final VirtualEventLoop loop = VirtualEventLoop.create();

	private final Transcript transcript = new Transcript(this.loop::elapsed);

	private final PolicyRecords records = new PolicyRecords(this.transcript, this.loop::signal);

	private final LiveSessions sessions = new LiveSessions();

	private final SessionPipeline pipeline;

	private final Peer client;

	private final Peer upstream;

	private final ProxiedSession session;

	private @Nullable Termination termination;

	SessionUnderTest(SessionPipeline pipeline, UpgradeContext upgrade, @Nullable Admission admission) {
		this.pipeline = RecordedPolicy.all(pipeline, this.records);
		LocalConnection clientConnection = LocalConnection.open(this.loop);
		LocalConnection upstreamConnection = LocalConnection.open(this.loop);
		this.client = new Peer(Side.CLIENT, clientConnection.peer(), this.transcript);
		this.upstream = new Peer(Side.UPSTREAM, upstreamConnection.peer(), this.transcript);
		UpstreamLeg leg = UpstreamLeg.of(upstreamConnection.gateway(), new DefaultHttpHeaders(), upgrade.subprotocol());
		SessionLauncher launcher = new SessionLauncher(this.sessions, List.of(new TerminationListener()), null,
				TurnBudget.DEFAULT);
		this.session = launcher.launch(clientConnection.gateway(), null, leg, upgrade, this.pipeline, () -> null,
				admission);
		this.loop.runTasks();
	}

	Peer peer(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	ProxiedSession session() {
		return this.session;
	}

	String contentType() {
		return this.pipeline.settings().contentType();
	}

	Transcript transcript() {
		return this.transcript;
	}

	PolicyRecords records() {
		return this.records;
	}

	@Nullable Termination termination() {
		return this.termination;
	}

	/** Does something at a peer, and all that comes of it. */
	void perform(Runnable action) {
		action.run();
		this.loop.runTasks();
	}

	/** Runs what is due, such as that which a completed verdict leads to. */
	void settle() {
		this.loop.runTasks();
	}

	void advance(Duration duration) {
		this.loop.advance(duration);
	}

	/** Waits until a condition holds, or until no verdict is pending. */
	void await(BooleanSupplier condition) {
		this.loop.runUntil(() -> condition.getAsBoolean() || !this.records.isPending(), PATIENCE);
	}

	/**
	 * Cuts both connections if the session has not ended, so that its policies release
	 * what they hold. Does nothing on another thread.
	 */
	void end() {
		if (this.termination == null && this.loop.inEventLoop()) {
			perform(this.client::disconnect);
			perform(this.upstream::disconnect);
		}
	}

	/** Continues the session without policies. */
	void detachPolicies() {
		this.transcript.add("the policies are detached");
		SessionPipeline empty = SessionPipeline.of(this.pipeline.name(), this.pipeline.settings(), List.of(),
				List.of());
		this.sessions.switchPipelines((live) -> empty);
		this.loop.runTasks();
	}

	private final class TerminationListener implements SessionListener {

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			SessionUnderTest.this.termination = termination;
			SessionUnderTest.this.transcript.add("session ends: " + termination.cause());
		}

	}

}
