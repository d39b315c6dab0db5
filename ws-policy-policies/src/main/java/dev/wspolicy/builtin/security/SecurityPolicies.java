package dev.wspolicy.builtin.security;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.fleet.PrincipalToken;
import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;

/**
 * The factories of the built-in policies that authenticate clients.
 */
public final class SecurityPolicies {

	private SecurityPolicies() {
	}

	/**
	 * Returns the factory of {@code first-message-auth}.
	 * @param checks finds the check that credentials need
	 * @return the factory
	 */
	public static FramePolicyFactory<?> firstMessageAuth(CredentialsCheckResolver checks) {
		return FramePolicyFactory.of(FirstMessageAuthPolicy.NAME, FirstMessageAuthPolicy.Settings.class,
				(settings) -> new FirstMessageAuthPolicy(settings, checks.resolve(settings.credentials())));
	}

	/**
	 * Returns the factory of {@code authenticated-only}.
	 * @return the factory
	 */
	public static FramePolicyFactory<?> authenticatedOnly() {
		return FramePolicyFactory.of(AuthenticatedOnlyPolicy.NAME, AuthenticatedOnlyPolicy.Settings.class,
				AuthenticatedOnlyPolicy::new);
	}

	/**
	 * Returns the factory of {@code token-expiry}.
	 * @param principals returns when the authentication of a principal expires
	 * @param checks finds the check that fresh tokens need
	 * @return the factory
	 */
	public static FramePolicyFactory<?> tokenExpiry(PrincipalExpiry principals, CredentialsCheckResolver checks) {
		return FramePolicyFactory.of(TokenExpiryPolicy.NAME, TokenExpiryPolicy.Settings.class,
				(settings) -> TokenExpiryPolicy.of(settings, principals, checks));
	}

	/**
	 * Whether a policy requires credentials in the first message.
	 * @param policy a policy, without what wraps it
	 * @return {@code true} for {@code first-message-auth}
	 */
	public static boolean requiresCredentials(FramePolicy policy) {
		return policy instanceof FirstMessageAuthPolicy;
	}

	/**
	 * Whether a policy forwards nothing before one that
	 * {@linkplain #requiresCredentials(FramePolicy) requires credentials} has got them.
	 * @param policy a policy, without what wraps it
	 * @return {@code true} for {@code authenticated-only}
	 */
	public static boolean awaitsAuthentication(FramePolicy policy) {
		return policy instanceof AuthenticatedOnlyPolicy;
	}

	/**
	 * Returns the policy that refuses upgrades whose authentication has been revoked.
	 * @param revocations what has been revoked
	 * @return the policy
	 */
	public static UpgradePolicy revoked(Revocations revocations) {
		return new RevokedUpgradePolicy(revocations);
	}

	/**
	 * Returns a reader that handles {@link ExpiringPrincipal} itself and delegates all
	 * other principals to the given reader.
	 * @param others the reader for other principals, or {@code null} if there is none
	 * @return the combined reader
	 */
	public static PrincipalToken.Reader tokens(PrincipalToken.@Nullable Reader others) {
		return (principal) -> {
			if (principal instanceof ExpiringPrincipal expiring) {
				return new PrincipalToken(expiring.tokenId(), expiring.issuedAt());
			}
			return (others != null) ? others.read(principal) : PrincipalToken.UNKNOWN;
		};
	}

	/**
	 * Returns the types of the settings, which are bound by reflection.
	 * @return the types of the settings of these policies
	 */
	public static List<Class<?>> settings() {
		return List.of(FirstMessageAuthPolicy.Settings.class, AuthenticatedOnlyPolicy.Settings.class,
				TokenExpiryPolicy.Settings.class);
	}

}
