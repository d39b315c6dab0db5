package dev.wspolicy.rollout;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

/**
 * How far a policy has been rolled out: whether its verdicts take effect, for which share
 * of the clients, and what applies to the others.
 *
 * @param mode the mode for the share
 * @param share the share of the clients
 * @param rest the mode for the other clients
 */
public record Rollout(PolicyMode mode, Share share, PolicyMode rest) {

	/** The policy is enforced for everybody. */
	public static final Rollout COMPLETE = new Rollout(PolicyMode.ENFORCE, new Share(Share.ALL), PolicyMode.OBSERVE);

	/**
	 * Reads what a configuration says.
	 * @param mode the mode, or {@code null} to enforce the policy
	 * @param share a percentage, or {@code null} for all clients
	 * @param rest the mode for the other clients, or {@code null} for the default: to
	 * observe the policy if it is enforced for the share, and to skip it otherwise
	 * @return the rollout
	 * @throws IllegalArgumentException if a value is invalid, or if they contradict each
	 * other
	 */
	public static Rollout of(@Nullable PolicyMode mode, @Nullable String share, @Nullable PolicyMode rest) {
		PolicyMode used = (mode != null) ? mode : PolicyMode.ENFORCE;
		Share part = (share != null) ? Share.parse(share) : COMPLETE.share;
		if (rest != null && share == null) {
			throw new IllegalArgumentException("rest: " + rest + " (expected: with a share only)");
		}
		if (used == PolicyMode.OFF && share != null) {
			throw new IllegalArgumentException("share: " + share + " (expected: with a mode other than OFF)");
		}
		if (rest == PolicyMode.ENFORCE || rest == used) {
			throw new IllegalArgumentException(
					"rest: " + rest + " (expected: less than the mode, which is " + used + ")");
		}
		PolicyMode others = (used == PolicyMode.ENFORCE) ? PolicyMode.OBSERVE : PolicyMode.OFF;
		return new Rollout(used, part, (rest != null) ? rest : others);
	}

	/**
	 * Whether the policy is enforced for everybody.
	 * @return {@code true} if there is nothing to observe or to skip
	 */
	public boolean isComplete() {
		return this.mode == PolicyMode.ENFORCE && this.share.isAll();
	}

	/**
	 * Whether the policy is not called at all.
	 * @return {@code true} if it need not exist
	 */
	public boolean isOff() {
		return this.mode == PolicyMode.OFF;
	}

	/**
	 * Whether the policy is observed for any client.
	 * @return {@code true} if it must be able to run without effect
	 */
	public boolean observes() {
		return this.mode == PolicyMode.OBSERVE || (!this.share.isAll() && this.rest == PolicyMode.OBSERVE);
	}

	/**
	 * Returns the size of the share.
	 * @return a percentage, from 0 to 100
	 */
	public double percent() {
		return this.share.parts() * 100.0 / Share.ALL;
	}

	/**
	 * Whether the policy is enforced for any client.
	 * @return {@code true} if any of its verdicts take effect
	 */
	boolean enforces() {
		return this.mode == PolicyMode.ENFORCE && this.share.parts() > 0;
	}

	/**
	 * Returns a frame policy in the state of this rollout.
	 * @param name the name of the policy
	 * @param policy the policy
	 * @return the policy itself if it is enforced for everybody
	 */
	public FramePolicy apply(String name, FramePolicy policy) {
		return isComplete() ? policy : new StagedPolicy(this, name, policy);
	}

	/**
	 * Returns an upgrade policy in the state of this rollout.
	 * @param name the name of the policy
	 * @param policy the policy
	 * @param recorder records what the policy would have refused
	 * @return the policy itself if it is enforced for everybody
	 */
	public UpgradePolicy apply(String name, UpgradePolicy policy, UpgradeRecorder recorder) {
		return isComplete() ? policy : new StagedUpgradePolicy(this, name, policy, recorder);
	}

	/**
	 * Returns the mode of a policy for a session.
	 * @param policy a policy
	 * @param session the session
	 * @return the mode
	 */
	public static PolicyMode modeOf(FramePolicy policy, ProxiedSession session) {
		return (policy instanceof StagedPolicy staged) ? staged.modeFor(session) : PolicyMode.ENFORCE;
	}

	/**
	 * Lets a policy go on with a session that it has served in the same mode, in another
	 * stage of its rollout.
	 * @param former the policy in the former stage
	 * @param policy the policy in the new stage
	 * @param session the session
	 */
	public static void takeOver(FramePolicy former, FramePolicy policy, ProxiedSession session) {
		if (policy instanceof StagedPolicy staged) {
			staged.takeOver(session, former);
		}
	}

	/**
	 * Detaches a policy from a session that it goes on with in another mode. It still
	 * serves the message that is under way, until it is made to forget the session.
	 * @param former the policy in the former stage
	 * @param session the session
	 */
	public static void detach(FramePolicy former, ProxiedSession session) {
		if (former instanceof StagedPolicy staged) {
			staged.detach(session);
		}
		else {
			former.onDetached(session);
		}
	}

	/**
	 * Forgets a session that another stage of the same policy serves from now on.
	 * @param former the policy in the former stage
	 * @param session the session
	 */
	public static void forget(FramePolicy former, ProxiedSession session) {
		if (former instanceof StagedPolicy staged) {
			staged.forget(session);
		}
	}

	/** Returns the mode for the client of an upgrade. */
	PolicyMode modeFor(UpgradeContext upgrade, String policy) {
		return this.share.includes(upgrade, policy) ? this.mode : this.rest;
	}

	/**
	 * Returns how far a policy has been rolled out.
	 * @param policy a policy
	 * @return the rollout that has been applied to it
	 */
	public static Rollout of(FramePolicy policy) {
		return (policy instanceof StagedPolicy staged) ? staged.rollout() : COMPLETE;
	}

	/**
	 * Returns how far an upgrade policy has been rolled out.
	 * @param policy a policy
	 * @return the rollout that has been applied to it
	 */
	public static Rollout of(UpgradePolicy policy) {
		return (policy instanceof StagedUpgradePolicy staged) ? staged.rollout() : COMPLETE;
	}

	/**
	 * Returns a policy without the rollout that has been applied to it.
	 * @param policy a policy
	 * @return the policy itself
	 */
	public static FramePolicy unwrap(FramePolicy policy) {
		return (policy instanceof StagedPolicy staged) ? staged.delegate() : policy;
	}

	/**
	 * Returns an upgrade policy without the rollout that has been applied to it.
	 * @param policy a policy
	 * @return the policy itself
	 */
	public static UpgradePolicy unwrap(UpgradePolicy policy) {
		return (policy instanceof StagedUpgradePolicy staged) ? staged.delegate() : policy;
	}

}
