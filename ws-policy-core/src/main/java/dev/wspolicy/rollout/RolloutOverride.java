package dev.wspolicy.rollout;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What an operator has put in the place of the configured rollout of a policy.
 *
 * @param target the policy
 * @param rollout how far it is rolled out
 * @param operator the name of who has said so; empty if it is unknown
 * @param since when it was said
 * @param until when it ends by itself; {@code null} for never
 */
public record RolloutOverride(PolicyTarget target, Rollout rollout, String operator, Instant since,
		@Nullable Instant until) {

	/**
	 * Whether it has ended.
	 * @param now the time
	 * @return {@code true} if it is over
	 */
	public boolean isOver(Instant now) {
		return this.until != null && !now.isBefore(this.until);
	}

	@Override
	public String toString() {
		String share = (this.rollout.percent() < 100)
				? " for " + this.rollout.percent() + " %, otherwise " + this.rollout.rest() : "";
		String by = !this.operator.isEmpty() ? " by '" + this.operator + "'" : "";
		return this.target + " (" + this.rollout.mode() + share + by
				+ ((this.until != null) ? " until " + this.until : "") + ")";
	}

}
