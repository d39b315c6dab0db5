package dev.wspolicy.rollout;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.session.UpgradeContext;

/**
 * Records what observed upgrade policies would have refused.
 */
@FunctionalInterface
public interface UpgradeRecorder {

	/**
	 * Records an upgrade that a policy would have refused. Safe from any thread.
	 * @param upgrade the request
	 * @param policy the name of the policy
	 * @param status the status it would have been refused with; {@code null} if the
	 * policy failed
	 */
	void record(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status);

}
