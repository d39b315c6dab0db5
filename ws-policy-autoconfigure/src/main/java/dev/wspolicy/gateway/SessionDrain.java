package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

import dev.wspolicy.netty.LiveSessions;

/**
 * Ends all sessions with 1001 when the application shuts down, before the web server
 * waits for what is still open. Upgrades that come meanwhile are refused.
 */
public final class SessionDrain implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(SessionDrain.class);

	private final LiveSessions sessions;

	private final Duration window;

	private final Duration patience;

	private volatile boolean running;

	/**
	 * A drain.
	 * @param sessions the sessions to end
	 * @param window over how long they are ended
	 * @param patience how long shutdown waits for their closing handshakes after that
	 */
	public SessionDrain(LiveSessions sessions, Duration window, Duration patience) {
		this.sessions = sessions;
		this.window = window;
		this.patience = patience;
	}

	@Override
	public void start() {
		this.sessions.welcome();
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
	public void stop(Runnable callback) {
		this.running = false;
		int count = this.sessions.size();
		if (count > 0) {
			logger.info("Closing " + count + " WebSocket session(s)");
		}
		this.sessions.drain(this.window)
			.orTimeout(this.window.plus(this.patience).toMillis(), TimeUnit.MILLISECONDS)
			.whenComplete((done, late) -> callback.run());
	}

}
