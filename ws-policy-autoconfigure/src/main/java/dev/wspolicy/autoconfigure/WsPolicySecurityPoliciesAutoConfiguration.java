package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtReactiveAuthenticationManager;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;
import org.springframework.util.ClassUtils;

import dev.wspolicy.builtin.access.PrincipalAuthorities;
import dev.wspolicy.builtin.security.CredentialsCheck;
import dev.wspolicy.builtin.security.CredentialsCheckResolver;
import dev.wspolicy.builtin.security.PrincipalExpiry;
import dev.wspolicy.builtin.security.SecurityPolicies;
import dev.wspolicy.builtin.security.SpringSecurityAdapter;
import dev.wspolicy.builtin.security.SpringSecurityCheck;
import dev.wspolicy.builtin.security.SpringSecurityCheck.Use;
import dev.wspolicy.fleet.PrincipalToken;
import dev.wspolicy.fleet.Revocations;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.WsPolicy;

/**
 * Auto-configuration for the built-in security policies.
 */
@AutoConfiguration(after = { GatewayAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class })
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass(GatewayAutoConfiguration.class)
@ImportRuntimeHints(WsPolicySecurityPoliciesAutoConfiguration.Hints.class)
public final class WsPolicySecurityPoliciesAutoConfiguration {

	private static final boolean OAUTH2 = ClassUtils.isPresent(
			"org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal",
			WsPolicySecurityPoliciesAutoConfiguration.class.getClassLoader());

	@Bean
	CredentialsCheckResolver wsPolicyCredentialsCheckResolver(ObjectProvider<CredentialsCheck> own,
			ObjectProvider<SpringSecurityCheck> springSecurity, ObjectProvider<Revocations> revocations) {
		return new CredentialsCheckResolver(own, springSecurity, revocations.getIfAvailable());
	}

	/** Named as operators see it, as the policy that refuses an upgrade. */
	@Bean("revoked-authentication")
	@ConditionalOnBean(Revocations.class)
	@WsPolicy
	@Order(Ordered.HIGHEST_PRECEDENCE)
	UpgradePolicy wsPolicyRevoked(Revocations revocations) {
		return SecurityPolicies.revoked(revocations);
	}

	@Bean
	@ConditionalOnMissingBean
	PrincipalToken.Reader wsPolicyPrincipalTokens() {
		return SecurityPolicies.tokens(OAUTH2 ? SpringSecurityAdapter::token : null);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyFirstMessageAuthFactory")
	FramePolicyFactory<?> wsPolicyFirstMessageAuthFactory(CredentialsCheckResolver checks) {
		return SecurityPolicies.firstMessageAuth(checks);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAuthenticatedOnlyFactory")
	FramePolicyFactory<?> wsPolicyAuthenticatedOnlyFactory() {
		return SecurityPolicies.authenticatedOnly();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyTokenExpiryFactory")
	FramePolicyFactory<?> wsPolicyTokenExpiryFactory(CredentialsCheckResolver checks,
			ObjectProvider<PrincipalExpiry> springSecurity) {
		PrincipalExpiry principals = PrincipalExpiry.withFallback(springSecurity.getIfAvailable());
		return SecurityPolicies.tokenExpiry(principals, checks);
	}

	/**
	 * Configuration that requires Spring Security's core module.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ReactiveAuthenticationManager.class)
	static class SpringSecurityConfiguration {

		@Bean
		@ConditionalOnMissingBean
		PrincipalAuthorities wsPolicyPrincipalAuthorities() {
			return SpringSecurityAdapter::authorities;
		}

		@Bean
		@Lazy
		SpringSecurityCheck wsPolicyPasswordCheck(ObjectProvider<ReactiveAuthenticationManager> managers) {
			ReactiveAuthenticationManager manager = managers.getIfUnique();
			return new SpringSecurityCheck(Use.PASSWORDS,
					(manager != null) ? SpringSecurityAdapter.passwords(manager) : null);
		}

	}

	/**
	 * Configuration that requires Spring Security's OAuth 2.0 core module.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveAuthenticationManager.class, OAuth2Token.class })
	static class TokenConfiguration {

		@Bean
		PrincipalExpiry wsPolicyPrincipalExpiry() {
			return SpringSecurityAdapter::expiry;
		}

	}

	/**
	 * Configuration that requires Spring Security's OAuth 2.0 resource server.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveAuthenticationManager.class, BearerTokenAuthenticationToken.class })
	static class ResourceServerConfiguration {

		@Bean
		@Lazy
		SpringSecurityCheck wsPolicyTokenCheck(ObjectProvider<ReactiveAuthenticationManager> managers) {
			ReactiveAuthenticationManager manager = managers.getIfUnique();
			return new SpringSecurityCheck(Use.TOKENS,
					(manager != null) ? SpringSecurityAdapter.tokens(manager) : null);
		}

	}

	/**
	 * Configuration that requires Spring Security's JWT support.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JwtReactiveAuthenticationManager.class, ReactiveJwtDecoder.class })
	static class JwtConfiguration {

		@Bean
		@Lazy
		SpringSecurityCheck wsPolicyJwtCheck(ObjectProvider<ReactiveJwtDecoder> decoders,
				ObjectProvider<ReactiveJwtAuthenticationConverter> converters) {
			ReactiveJwtDecoder decoder = decoders.getIfUnique();
			if (decoder == null) {
				return new SpringSecurityCheck(Use.JWTS, null);
			}
			JwtReactiveAuthenticationManager manager = new JwtReactiveAuthenticationManager(decoder);
			converters.ifUnique(manager::setJwtAuthenticationConverter);
			return new SpringSecurityCheck(Use.JWTS, SpringSecurityAdapter.tokens(manager));
		}

	}

	/** The settings of the policies. */
	static class Hints extends SettingsRuntimeHints {

		Hints() {
			super(SecurityPolicies.settings());
		}

	}

}
