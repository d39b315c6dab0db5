package dev.wspolicy.test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.recording.RecordingFile;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * The sessions of a replay in one pipeline, on a virtual clock. Confined to one thread.
 */
final class ReplayLane implements SessionListener {

	/** How long to wait, on the real clock, for a verdict from another thread. */
	private static final Duration PATIENCE = Duration.ofSeconds(2);

	private static final Duration LEAST_PATIENCE = Duration.ofMillis(1);

	private final ReplayedPipeline pipeline;

	private final VirtualEventLoop loop = VirtualEventLoop.create();

	private final LiveSessions live = new LiveSessions();

	private final SessionLauncher launcher = new SessionLauncher(this.live, List.of(this), null, TurnBudget.DEFAULT);

	/** By the id in this lane. */
	private final Map<String, ReplayedSession> sessions = new HashMap<>();

	/** The sessions of which something has become known. */
	private final Set<ReplayedSession> changed = new LinkedHashSet<>();

	/**
	 * Becomes less with each wait in vain: such a verdict comes when time passes on the
	 * virtual clock.
	 */
	private Duration patience = PATIENCE;

	private int opened;

	ReplayLane(ReplayedPipeline pipeline) {
		this.pipeline = pipeline;
	}

	/** Moves the clock, which does not go backwards. */
	void advanceTo(Duration time) {
		Duration left = time.minus(this.loop.elapsed());
		if (!left.isNegative() && !left.isZero()) {
			this.loop.advance(left);
			settle();
		}
	}

	/**
	 * Opens a session.
	 * @param recorded what has been recorded of it, or {@code null}
	 */
	ReplayedSession open(@Nullable Open recorded) {
		UpgradeContext upgrade = upgrade(recorded);
		PolicyRecords records = new PolicyRecords(null, this.loop::signal);
		SessionPipeline pipeline = RecordedPolicy.all(this.pipeline.resolver().apply(upgrade), records);
		LocalConnection client = LocalConnection.open(this.loop);
		LocalConnection upstream = LocalConnection.open(this.loop);
		ReplayedSession session = new ReplayedSession(new ReplayPeer(Side.CLIENT, client.peer()),
				new ReplayPeer(Side.UPSTREAM, upstream.peer()), records, this.changed::add);
		UpstreamLeg leg = UpstreamLeg.of(upstream.gateway(), new DefaultHttpHeaders(), upgrade.subprotocol());
		ProxiedSession started = this.launcher.launch(client.gateway(), null, leg, upgrade, pipeline, () -> null, null);
		session.start(started);
		this.sessions.put(session.id(), session);
		// A policy may have closed it when it opened.
		this.changed.add(session);
		step(session);
		return session;
	}

	private UpgradeContext upgrade(@Nullable Open recorded) {
		MockUpgradeContext.Builder upgrade = this.pipeline.upgrade()
			.copy()
			.attribute(RecordingFile.REPLAYED, true)
			.remoteAddress(address(++this.opened));
		if (recorded != null) {
			upgrade.uri("http://localhost" + recorded.path()).routeId(recorded.route());
			if (recorded.subprotocol() != null) {
				upgrade.subprotocol(recorded.subprotocol());
			}
			if (recorded.principal() != null) {
				upgrade.principal(recorded.principal());
			}
		}
		return upgrade.build();
	}

	/** Addresses are not recorded. Each session has one of its own. */
	private static InetSocketAddress address(int session) {
		try {
			byte[] address = { 10, (byte) (session >> 16), (byte) (session >> 8), (byte) session };
			return new InetSocketAddress(InetAddress.getByAddress(address), 50000);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Runs what a step in a session leads to, and waits for verdicts. */
	void step(ReplayedSession session) {
		this.loop.runTasks();
		if (session.isAwaiting()) {
			if (this.loop.runUntil(() -> !session.isAwaiting(), this.patience)) {
				this.patience = min(this.patience.multipliedBy(10), PATIENCE);
			}
			else {
				session.waitedInVain();
				this.patience = min(LEAST_PATIENCE, this.patience).equals(this.patience) ? LEAST_PATIENCE
						: this.patience.dividedBy(10);
			}
			this.loop.runTasks();
		}
		this.changed.add(session);
		settle();
	}

	private static Duration min(Duration first, Duration second) {
		return (first.compareTo(second) < 0) ? first : second;
	}

	private void settle() {
		for (ReplayedSession session : this.changed) {
			session.settle();
		}
		this.changed.clear();
	}

	/** Cuts what is left of a session, so that its policies release what they hold. */
	void end(ReplayedSession session) {
		session.forgetWaiting();
		session.disconnect();
		this.loop.runTasks();
		this.changed.remove(session);
		this.sessions.remove(session.id());
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		ReplayedSession replayed = this.sessions.get(session.id());
		if (replayed != null) {
			replayed.ended(termination);
		}
	}

}
