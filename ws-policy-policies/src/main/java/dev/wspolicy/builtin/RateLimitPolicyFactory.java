package dev.wspolicy.builtin;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Creates {@link RateLimitPolicy rate limits}, whose settings may name them individually.
 *
 * @param shared creates stores for the allowances that sessions share, or {@code null} to
 * keep them in the memory of this gateway
 */
record RateLimitPolicyFactory(
		RateStore.@Nullable Factory shared) implements FramePolicyFactory<RateLimitPolicy.Settings> {

	@Override
	public String name() {
		return RateLimitPolicy.NAME;
	}

	@Override
	public String policyName(RateLimitPolicy.Settings settings) {
		return settings.name().isEmpty() ? name() : settings.name();
	}

	@Override
	public Class<RateLimitPolicy.Settings> settingsType() {
		return RateLimitPolicy.Settings.class;
	}

	@Override
	public FramePolicy create(RateLimitPolicy.Settings settings) {
		return new RateLimitPolicy(settings, Bucket4jRateStore::new, this.shared);
	}

}
