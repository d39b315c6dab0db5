package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.UpgradeContext;

/**
 * A session whose upstream leg is open while the filters of the route still process the
 * response to the client.
 */
final class PendingSession {

	private static final Log logger = LogFactory.getLog(PendingSession.class);

	private static final String ATTRIBUTE = PendingSession.class.getName();

	private static final String OVERDUE = ATTRIBUTE + ".overdue";

	private final UpstreamLeg upstream;

	private final UpgradeContext upgrade;

	private final SessionPipeline pipeline;

	private final Supplier<@Nullable SessionPipeline> successor;

	private final List<Runnable> completions = new ArrayList<>(0);

	private boolean completed;

	/**
	 * Creates a session that has not started yet.
	 * @param upstream the upstream leg
	 * @param upgrade the request that opens the session
	 * @param pipeline the pipeline of the session
	 * @param successor returns the pipeline to use instead if the configuration has
	 * changed in the meantime, or {@code null}; called after the session has been
	 * registered, so that no later change is missed
	 */
	PendingSession(UpstreamLeg upstream, UpgradeContext upgrade, SessionPipeline pipeline,
			Supplier<@Nullable SessionPipeline> successor) {
		this.upstream = upstream;
		this.upgrade = upgrade;
		this.pipeline = pipeline;
		this.successor = successor;
	}

	UpstreamLeg upstream() {
		return this.upstream;
	}

	UpgradeContext upgrade() {
		return this.upgrade;
	}

	SessionPipeline pipeline() {
		return this.pipeline;
	}

	Supplier<@Nullable SessionPipeline> successor() {
		return this.successor;
	}

	/** Add a callback that runs when the session is over or has been discarded. */
	synchronized void onCompletion(Runnable completion) {
		if (this.completed) {
			complete(completion);
			return;
		}
		this.completions.add(completion);
	}

	synchronized boolean hasCompletions() {
		return !this.completions.isEmpty();
	}

	/**
	 * Run the callbacks, each of them once. Callbacks that are added later run
	 * immediately.
	 */
	void complete() {
		List<Runnable> due;
		synchronized (this) {
			this.completed = true;
			due = List.copyOf(this.completions);
			this.completions.clear();
		}
		due.forEach(PendingSession::complete);
	}

	private static void complete(Runnable completion) {
		try {
			completion.run();
		}
		catch (RuntimeException ex) {
			logger.warn("A callback for the end of a session failed", ex);
		}
	}

	/** Close the upstream leg and run the callbacks, unless the session has started. */
	void discard() {
		this.upstream.discard(this::complete);
	}

	/** Attach this session to an exchange, and discard the one of an earlier attempt. */
	void attachTo(ServerWebExchange exchange) {
		PendingSession earlier = (PendingSession) exchange.getAttributes().put(ATTRIBUTE, this);
		if (earlier != null) {
			earlier.discard();
		}
		Sinks.Empty<Void> overdue = exchange.getAttribute(OVERDUE);
		if (overdue != null) {
			this.upstream.onExpiry(overdue::tryEmitEmpty);
		}
	}

	/**
	 * Return a {@code Mono} that completes when the session that is attached to the
	 * exchange has waited too long for its 101 to be sent to the client. Must be called
	 * before the session is attached.
	 */
	static Mono<Void> overdue(ServerWebExchange exchange) {
		Sinks.Empty<Void> overdue = Sinks.empty();
		exchange.getAttributes().put(OVERDUE, overdue);
		return overdue.asMono();
	}

	static @Nullable PendingSession takeFrom(ServerWebExchange exchange) {
		return (PendingSession) exchange.getAttributes().remove(ATTRIBUTE);
	}

	static @Nullable PendingSession of(Map<String, Object> attributes) {
		return (PendingSession) attributes.get(ATTRIBUTE);
	}

}
