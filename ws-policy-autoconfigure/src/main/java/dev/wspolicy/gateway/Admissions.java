package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.ProxiedSession;

/**
 * Collects the {@link Admission admissions} of the upgrade policies that accept an
 * upgrade, tells them of the session, and ends them when the session is over or when it
 * is certain that there will be none. Thread-safe: a client may disconnect while a policy
 * is still working.
 */
final class Admissions implements Admission {

	private static final Log logger = LogFactory.getLog(Admissions.class);

	private static final String ATTRIBUTE = Admissions.class.getName();

	private final List<Admission> admissions = new ArrayList<>(0);

	private boolean ended;

	/** The route for which all upgrade policies have accepted, or {@code null}. */
	private @Nullable String routeId;

	/** The pipeline whose upgrade policies have accepted, or {@code null}. */
	private @Nullable PipelineDefinition pipeline;

	/**
	 * Attach a new instance to an exchange, and end that of an earlier attempt.
	 */
	static Admissions attachTo(ServerWebExchange exchange) {
		endFor(exchange);
		Admissions admissions = new Admissions();
		exchange.getAttributes().put(ATTRIBUTE, admissions);
		return admissions;
	}

	/** End the admissions of an exchange that has no session, if any are attached. */
	static void endFor(ServerWebExchange exchange) {
		Admissions admissions = detachFrom(exchange);
		if (admissions != null) {
			admissions.onEnd();
		}
	}

	/** Detach the admissions from an exchange; the caller then has to end them. */
	static @Nullable Admissions detachFrom(ServerWebExchange exchange) {
		return (Admissions) exchange.getAttributes().remove(ATTRIBUTE);
	}

	static @Nullable Admissions of(ServerWebExchange exchange) {
		return exchange.getAttribute(ATTRIBUTE);
	}

	/** Record that all upgrade policies have accepted. */
	synchronized void accepted(String routeId, PipelineDefinition pipeline) {
		this.routeId = routeId;
		this.pipeline = pipeline;
	}

	/** Return whether the same policies have already accepted the same request. */
	synchronized boolean isAccepted(String routeId, PipelineDefinition pipeline) {
		return !this.ended && routeId.equals(this.routeId) && pipeline.equals(this.pipeline);
	}

	/** Return whether any policy follows the session. */
	synchronized boolean hasAny() {
		return !this.admissions.isEmpty();
	}

	/**
	 * Collect the admission of a verdict, or end it at once if the verdict comes too
	 * late.
	 */
	Mono<UpgradeVerdict> collectFrom(Mono<UpgradeVerdict> verdict) {
		return verdict.doOnNext(this::add)
			.doOnDiscard(UpgradeVerdict.AcceptWith.class, (accept) -> tell(accept.admission(), Admission::onEnd));
	}

	private void add(UpgradeVerdict verdict) {
		if (verdict instanceof UpgradeVerdict.AcceptWith accept && !addUnlessEnded(accept.admission())) {
			tell(accept.admission(), Admission::onEnd);
		}
	}

	private synchronized boolean addUnlessEnded(Admission admission) {
		return !this.ended && this.admissions.add(admission);
	}

	@Override
	public void onOpen(ProxiedSession session) {
		current().forEach((admission) -> tell(admission, (each) -> each.onOpen(session)));
	}

	@Override
	public void onPrincipal(ProxiedSession session) {
		current().forEach((admission) -> tell(admission, (each) -> each.onPrincipal(session)));
	}

	private synchronized List<Admission> current() {
		return List.copyOf(this.admissions);
	}

	@Override
	public void onEnd() {
		List<Admission> due;
		synchronized (this) {
			this.ended = true;
			due = List.copyOf(this.admissions);
			this.admissions.clear();
		}
		due.forEach((admission) -> tell(admission, Admission::onEnd));
	}

	private static void tell(Admission admission, Consumer<Admission> call) {
		try {
			call.accept(admission);
		}
		catch (RuntimeException ex) {
			logger.warn("An upgrade policy that follows a session failed", ex);
		}
	}

}
