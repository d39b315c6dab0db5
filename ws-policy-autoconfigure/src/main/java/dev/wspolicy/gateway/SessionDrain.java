package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.Drain;

/**
 * Closes all sessions on demand and when the application shuts down, in that case before
 * the web server waits for open connections. Upgrades are refused while the drain lasts.
 */
public final class SessionDrain implements Drain, SmartLifecycle {

	private static final Log logger = LogFactory.getLog(SessionDrain.class);

	private final LiveSessions sessions;

	private final Duration window;

	private final CloseStatus status;

	private final Supplier<Duration> closeTimeout;

	private final Duration deadline;

	private final ApplicationEventPublisher events;

	private volatile boolean running;

	/** Whether this drain has set the readiness state to refusing traffic. */
	private boolean refusing;

	/**
	 * Creates a drain.
	 * @param sessions the sessions to close
	 * @param window the time over which sessions are closed, each at a random moment
	 * @param status the close status that clients get
	 * @param closeTimeout the longest time that a closing handshake may take, evaluated
	 * at shutdown
	 * @param phase the timeout of a shutdown phase of the application
	 * @param events publishes changes of the readiness state
	 */
	public SessionDrain(LiveSessions sessions, Duration window, CloseStatus status, Supplier<Duration> closeTimeout,
			Duration phase, ApplicationEventPublisher events) {
		this.sessions = sessions;
		this.window = window;
		this.status = status;
		// Leave the rest of the phase to the other beans that stop in it.
		this.deadline = phase.multipliedBy(9).dividedBy(10);
		this.closeTimeout = closeTimeout;
		this.events = events;
	}

	@Override
	public synchronized void begin(@Nullable Duration window, @Nullable CloseStatus status) {
		Duration wanted = (window != null) ? window : this.window;
		if (wanted.isNegative() || wanted.compareTo(Timeouts.LONGEST) > 0) {
			throw new IllegalArgumentException(
					"window: " + wanted + " (expected: zero to " + Timeouts.LONGEST.toDays() + " days)");
		}
		if (this.running) {
			refuseTraffic();
			closeSessions(wanted, (status != null) ? status : this.status);
		}
	}

	@Override
	public synchronized void cancel() {
		if (this.running && this.sessions.isDraining()) {
			logger.info("The drain has ended, WebSocket sessions are accepted again");
			this.sessions.endDrain();
			acceptTraffic();
		}
	}

	@Override
	public synchronized void start() {
		this.sessions.endDrain();
		acceptTraffic();
		this.running = true;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		// Beans in higher phases stop first: this one stops before the web server stops
		// accepting connections.
		return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public synchronized void stop(Runnable callback) {
		this.running = false;
		refuseTraffic();
		Duration closeTimeout = this.closeTimeout.get();
		Duration wanted = windowWithinPhase(closeTimeout);
		closeSessions(wanted, this.status)
			.orTimeout(shorter(wanted.plus(closeTimeout), this.deadline).toMillis(), TimeUnit.MILLISECONDS)
			.whenComplete((done, late) -> {
				// Abort the remaining sessions, because the web server would wait for
				// them.
				this.sessions.abort();
				callback.run();
			});
	}

	/**
	 * Return the configured window, or a shorter one that fits into the shutdown phase.
	 * Up to a quarter of the phase is reserved for the closing handshakes of the sessions
	 * that are closed last.
	 */
	private Duration windowWithinPhase(Duration closeTimeout) {
		Duration longest = this.deadline.minus(shorter(closeTimeout, this.deadline.dividedBy(4)));
		if (this.window.compareTo(longest) <= 0) {
			return this.window;
		}
		logger.warn("'ws-policy.drain.window' is " + this.window + " and does not fit into"
				+ " 'spring.lifecycle.timeout-per-shutdown-phase': closing WebSocket sessions within " + longest);
		return longest;
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private CompletableFuture<Void> closeSessions(Duration window, CloseStatus status) {
		int count = this.sessions.size();
		if (count > 0) {
			logger.info("Closing " + count + " WebSocket session(s)" + (window.isZero() ? "" : " within " + window));
		}
		return this.sessions.drain(window, status);
	}

	private void refuseTraffic() {
		if (!this.refusing) {
			this.refusing = true;
			publish(ReadinessState.REFUSING_TRAFFIC);
		}
	}

	private void acceptTraffic() {
		if (this.refusing) {
			this.refusing = false;
			publish(ReadinessState.ACCEPTING_TRAFFIC);
		}
	}

	private void publish(ReadinessState state) {
		AvailabilityChangeEvent.publish(this.events, this, state);
	}

}
