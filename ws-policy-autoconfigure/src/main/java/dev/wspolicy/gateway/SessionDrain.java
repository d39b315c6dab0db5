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

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.session.Drain;

/**
 * Ends all sessions with 1001 when it is told to, and when the application shuts down:
 * then before the web server waits for what is still open. Upgrades that come meanwhile
 * are refused.
 */
public final class SessionDrain implements Drain, SmartLifecycle {

	private static final Log logger = LogFactory.getLog(SessionDrain.class);

	private final LiveSessions sessions;

	private final Duration window;

	private final Supplier<Duration> patience;

	private final Duration deadline;

	private final ApplicationEventPublisher events;

	private volatile boolean running;

	/** Whether the readiness is what a drain has made of it. */
	private boolean refusing;

	/**
	 * A drain.
	 * @param sessions the sessions to end
	 * @param window over how long they are ended
	 * @param patience how long their closing handshakes may take, asked when the
	 * application shuts down
	 * @param phase how long the application waits for all that when it shuts down
	 * @param events who is told of the readiness
	 */
	public SessionDrain(LiveSessions sessions, Duration window, Supplier<Duration> patience, Duration phase,
			ApplicationEventPublisher events) {
		this.sessions = sessions;
		this.window = window;
		// Some of the phase is left for what the application does then.
		this.deadline = phase.multipliedBy(9).dividedBy(10);
		this.patience = patience;
		this.events = events;
	}

	@Override
	public synchronized void begin(@Nullable Duration window) {
		Duration wanted = (window != null) ? window : this.window;
		if (wanted.isNegative() || wanted.compareTo(Timeouts.LONGEST) > 0) {
			throw new IllegalArgumentException(
					"window: " + wanted + " (expected: zero to " + Timeouts.LONGEST.toDays() + " days)");
		}
		if (this.running) {
			refuseTraffic();
			end(wanted);
		}
	}

	@Override
	public synchronized void welcome() {
		if (this.running && this.sessions.isDraining()) {
			logger.info("WebSocket sessions are welcome again");
			this.sessions.welcome();
			acceptTraffic();
		}
	}

	@Override
	public synchronized void start() {
		this.sessions.welcome();
		acceptTraffic();
		this.running = true;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		// Later phases stop first: before the web server stops to accept, and waits.
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
		Duration patience = this.patience.get();
		Duration wanted = windowWithinPhase(patience);
		end(wanted).orTimeout(shorter(wanted.plus(patience), this.deadline).toMillis(), TimeUnit.MILLISECONDS)
			.whenComplete((done, late) -> {
				// No session may hold up the web server, which would wait for it.
				this.sessions.abort();
				callback.run();
			});
	}

	/**
	 * All must be over when the application goes on; a quarter of the time at most is
	 * kept for the closing handshakes of those that are told last.
	 */
	private Duration windowWithinPhase(Duration patience) {
		Duration longest = this.deadline.minus(shorter(patience, this.deadline.dividedBy(4)));
		if (this.window.compareTo(longest) <= 0) {
			return this.window;
		}
		logger.warn("'ws-policy.drain.window' is " + this.window + ", too long for"
				+ " 'spring.lifecycle.timeout-per-shutdown-phase': WebSocket sessions are closed within " + longest);
		return longest;
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private CompletableFuture<Void> end(Duration window) {
		int count = this.sessions.size();
		if (count > 0) {
			logger.info("Closing " + count + " WebSocket session(s)");
		}
		return this.sessions.drain(window);
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
