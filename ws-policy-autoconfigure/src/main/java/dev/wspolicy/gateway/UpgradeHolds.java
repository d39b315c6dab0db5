package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradeVerdict;

/**
 * What upgrade policies hold for an upgrade, until its session is over or it is certain
 * that there will be none. Safe from any thread: a client may leave while a policy is
 * still at work.
 */
final class UpgradeHolds {

	private static final Log logger = LogFactory.getLog(UpgradeHolds.class);

	private static final String ATTRIBUTE = UpgradeHolds.class.getName();

	private final List<Runnable> held = new ArrayList<>(0);

	private boolean over;

	/** Those of an exchange; what an earlier try of the same exchange held is over. */
	static UpgradeHolds attachTo(ServerWebExchange exchange) {
		releaseFrom(exchange);
		UpgradeHolds holds = new UpgradeHolds();
		exchange.getAttributes().put(ATTRIBUTE, holds);
		return holds;
	}

	/** No session comes of the exchange, or none that is not over yet. */
	static void releaseFrom(ServerWebExchange exchange) {
		UpgradeHolds holds = takeFrom(exchange);
		if (holds != null) {
			holds.release();
		}
	}

	/** From now on somebody else releases them. */
	static @Nullable UpgradeHolds takeFrom(ServerWebExchange exchange) {
		return (UpgradeHolds) exchange.getAttributes().remove(ATTRIBUTE);
	}

	static @Nullable UpgradeHolds of(ServerWebExchange exchange) {
		return exchange.getAttribute(ATTRIBUTE);
	}

	/** Whether there is anything to release when the session is over. */
	synchronized boolean isAny() {
		return !this.held.isEmpty();
	}

	/** Keep what comes with a verdict, and let go of it if that comes too late. */
	Mono<UpgradeVerdict> watch(Mono<UpgradeVerdict> verdict) {
		return verdict.doOnNext(this::add)
			.doOnDiscard(UpgradeVerdict.AcceptUntil.class, (accept) -> release(accept.over()));
	}

	private void add(UpgradeVerdict verdict) {
		if (verdict instanceof UpgradeVerdict.AcceptUntil accept && !keep(accept.over())) {
			release(accept.over());
		}
	}

	private synchronized boolean keep(Runnable hold) {
		return !this.over && this.held.add(hold);
	}

	void release() {
		List<Runnable> released;
		synchronized (this) {
			this.over = true;
			released = List.copyOf(this.held);
			this.held.clear();
		}
		released.forEach(UpgradeHolds::release);
	}

	private static void release(Runnable hold) {
		try {
			hold.run();
		}
		catch (RuntimeException ex) {
			logger.warn("What an upgrade policy wanted done at the end of a session failed", ex);
		}
	}

}
