package dev.wspolicy.rollout;

import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * An upgrade policy that is not, or not for everybody, enforced. Where it is observed,
 * the upgrade does not wait for it.
 */
final class StagedUpgradePolicy implements UpgradePolicy {

	private static final Log logger = LogFactory.getLog(StagedUpgradePolicy.class);

	private final Rollout rollout;

	private final String name;

	private final UpgradePolicy policy;

	private final UpgradeRecorder recorder;

	/** Whether a failure has been logged. */
	private final AtomicBoolean failed = new AtomicBoolean();

	StagedUpgradePolicy(Rollout rollout, String name, UpgradePolicy policy, UpgradeRecorder recorder) {
		this.rollout = rollout;
		this.name = name;
		this.policy = policy;
		this.recorder = recorder;
	}

	Rollout rollout() {
		return this.rollout;
	}

	UpgradePolicy delegate() {
		return this.policy;
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		return switch (this.rollout.modeFor(upgrade, this.name)) {
			case ENFORCE -> this.policy.apply(upgrade);
			case OBSERVE -> Mono.deferContextual((context) -> Mono.just(observe(upgrade, context)));
			case OFF -> Mono.just(UpgradeVerdict.accept());
		};
	}

	private UpgradeVerdict observe(UpgradeContext upgrade, ContextView context) {
		LateAdmission admission = new LateAdmission(this.name);
		Mono.defer(() -> this.policy.apply(upgrade))
			.switchIfEmpty(Mono.error(() -> new IllegalStateException("the policy has returned no verdict")))
			// The policy may read the security context, for example.
			.contextWrite(context)
			.subscribe((verdict) -> {
				if (verdict instanceof UpgradeVerdict.Refuse refuse) {
					this.recorder.record(upgrade, this.name, refuse.status());
				}
				else if (verdict instanceof UpgradeVerdict.AcceptWith accept) {
					admission.begin(accept.admission());
				}
			}, (failure) -> recordFailure(upgrade, failure));
		return UpgradeVerdict.accept(admission);
	}

	private void recordFailure(UpgradeContext upgrade, Throwable failure) {
		this.recorder.record(upgrade, this.name, null);
		if (this.failed.compareAndSet(false, true)) {
			logger.warn("The upgrade policy '" + this.name + "', whose verdicts are observed, failed on route '"
					+ upgrade.routeId() + "'. Further failures are only counted.", failure);
		}
	}

	@Override
	public boolean isObservable() {
		return this.policy.isObservable();
	}

	/** Required of nobody as long as the policy does not refuse. */
	@Override
	public Set<String> requiredSubprotocols() {
		return Set.of();
	}

}
