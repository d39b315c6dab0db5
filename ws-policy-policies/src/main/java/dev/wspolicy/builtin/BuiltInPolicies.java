package dev.wspolicy.builtin;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;
import dev.wspolicy.recording.Recordings;

/**
 * The factories of the built-in policies that understand no particular message format.
 */
public final class BuiltInPolicies {

	private BuiltInPolicies() {
	}

	/**
	 * Returns the factory of {@code allowed-origins}.
	 * @return the factory
	 */
	public static UpgradePolicyFactory<?> allowedOrigins() {
		return UpgradePolicyFactory.of(AllowedOriginsPolicy.NAME, AllowedOriginsPolicy.Settings.class,
				AllowedOriginsPolicy::new);
	}

	/**
	 * Returns the factory of {@code require-subprotocol}.
	 * @return the factory
	 */
	public static UpgradePolicyFactory<?> requireSubprotocol() {
		return UpgradePolicyFactory.of(RequireSubprotocolPolicy.NAME, RequireSubprotocolPolicy.Settings.class,
				RequireSubprotocolPolicy::new);
	}

	/**
	 * Returns the factory of {@code session-limit}.
	 * @param fleet counts the sessions of all gateways that act as one
	 * @param gateway counts the sessions of this gateway alone
	 * @param rates creates stores for the rates of all gateways that act as one, or
	 * {@code null} if this gateway acts alone
	 * @return the factory
	 */
	public static UpgradePolicyFactory<?> sessionLimit(SessionPlaces fleet, SessionPlaces gateway,
			RateStore.@Nullable Factory rates) {
		return UpgradePolicyFactory.of(SessionLimitPolicy.NAME, SessionLimitPolicy.Settings.class,
				(settings) -> new SessionLimitPolicy(settings, fleet, gateway, rates));
	}

	/**
	 * Returns the factory of {@code allowed-types}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> allowedTypes() {
		return FramePolicyFactory.of(AllowedTypesPolicy.NAME, AllowedTypesPolicy.Settings.class,
				AllowedTypesPolicy::new);
	}

	/**
	 * Returns the factory of {@code size-limit}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> sizeLimit() {
		return FramePolicyFactory.of(SizeLimitPolicy.NAME, SizeLimitPolicy.Settings.class, SizeLimitPolicy::new,
				SizeLimitPolicy::types);
	}

	/**
	 * Returns the factory of {@code deny-nul}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> denyNul() {
		return FramePolicyFactory.of(DenyNulPolicy.NAME, DenyNulPolicy.Settings.class, DenyNulPolicy::new);
	}

	/**
	 * Returns the factory of {@code frame-log}.
	 * @param recordings the recordings, whose owner closes them
	 * @return the factory
	 */
	public static FramePolicyFactory<?> frameLog(Recordings recordings) {
		return FramePolicyFactory.of(FrameLogPolicy.NAME, FrameLogPolicy.Settings.class,
				(settings) -> new FrameLogPolicy(settings, recordings), FrameLogPolicy::types);
	}

	/**
	 * Returns the factory of {@code text-pattern}. Requires RE2J.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> textPattern() {
		return FramePolicyFactory.of(TextPatternPolicy.NAME, TextPatternPolicy.Settings.class, TextPatternPolicy::new);
	}

	/**
	 * Returns the factory of {@code rate-limit}. Requires Bucket4j and Caffeine.
	 * @param shared creates stores for the allowances that sessions share, or
	 * {@code null} to keep them in the memory of this gateway
	 * @return the factory
	 */
	public static FramePolicyFactory<?> rateLimit(RateStore.@Nullable Factory shared) {
		return new RateLimitPolicyFactory(shared);
	}

	/**
	 * Returns the types of the settings, which are bound by reflection.
	 * @return the types of the settings of these policies
	 */
	public static List<Class<?>> settings() {
		return List.of(AllowedOriginsPolicy.Settings.class, RequireSubprotocolPolicy.Settings.class,
				SessionLimitPolicy.Settings.class, AllowedTypesPolicy.Settings.class, SizeLimitPolicy.Settings.class,
				DenyNulPolicy.Settings.class, FrameLogPolicy.Settings.class, RecordingSettings.class,
				TextPatternPolicy.Settings.class, RateLimitPolicy.Settings.class, ViolationSettings.class);
	}

}
