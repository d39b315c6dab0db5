package dev.wspolicy.policies.security;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtReactiveAuthenticationManager;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;

import dev.wspolicy.policies.PrincipalAuthorities;
import dev.wspolicy.policies.ShippedFrameFactory;
import dev.wspolicy.policies.security.SpringSecurityCheck.Use;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the shipped policies that ask who the client is.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass(GatewayAutoConfiguration.class)
public final class WsPolicySecurityPoliciesAutoConfiguration {

	@Bean
	CredentialsChecks wsPolicyCredentialsChecks(ObjectProvider<CredentialsCheck> own,
			ObjectProvider<SpringSecurityCheck> springSecurity) {
		return new CredentialsChecks(own, springSecurity);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyFirstMessageAuthFactory")
	FramePolicyFactory<?> wsPolicyFirstMessageAuthFactory(CredentialsChecks checks) {
		return new ShippedFrameFactory<>(FirstMessageAuth.NAME, FirstMessageAuth.Settings.class,
				(settings) -> new FirstMessageAuth(settings, checks.of(settings.credentials())));
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAuthenticatedOnlyFactory")
	FramePolicyFactory<?> wsPolicyAuthenticatedOnlyFactory() {
		return new ShippedFrameFactory<>(AuthenticatedOnly.NAME, AuthenticatedOnly.Settings.class,
				AuthenticatedOnly::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyTokenExpiryFactory")
	FramePolicyFactory<?> wsPolicyTokenExpiryFactory(CredentialsChecks checks,
			ObjectProvider<PrincipalExpiry> springSecurity) {
		PrincipalExpiry principals = PrincipalExpiry.orElse(springSecurity.getIfAvailable());
		return new ShippedFrameFactory<>(TokenExpiry.NAME, TokenExpiry.Settings.class,
				(settings) -> TokenExpiry.of(settings, principals, checks));
	}

	/**
	 * What Spring Security's core is enough for.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ReactiveAuthenticationManager.class)
	static class SpringSecurityConfiguration {

		@Bean
		@ConditionalOnMissingBean
		PrincipalAuthorities wsPolicyPrincipalAuthorities() {
			return SpringSecurity::authorities;
		}

		@Bean
		@Lazy
		SpringSecurityCheck wsPolicyPasswordCheck(ObjectProvider<ReactiveAuthenticationManager> managers) {
			ReactiveAuthenticationManager manager = managers.getIfUnique();
			return new SpringSecurityCheck(Use.PASSWORDS, (manager != null) ? SpringSecurity.passwords(manager) : null);
		}

	}

	/**
	 * What takes Spring Security's OAuth 2.0 tokens.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveAuthenticationManager.class, OAuth2Token.class })
	static class TokenConfiguration {

		@Bean
		PrincipalExpiry wsPolicyPrincipalExpiry() {
			return SpringSecurity::expiry;
		}

	}

	/**
	 * What takes Spring Security's OAuth 2.0 resource server.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveAuthenticationManager.class, BearerTokenAuthenticationToken.class })
	static class ResourceServerConfiguration {

		@Bean
		@Lazy
		SpringSecurityCheck wsPolicyTokenCheck(ObjectProvider<ReactiveAuthenticationManager> managers) {
			ReactiveAuthenticationManager manager = managers.getIfUnique();
			return new SpringSecurityCheck(Use.TOKENS, (manager != null) ? SpringSecurity.tokens(manager) : null);
		}

	}

	/**
	 * What takes Spring Security's JWTs.
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
			return new SpringSecurityCheck(Use.JWTS, SpringSecurity.tokens(manager));
		}

	}

}
