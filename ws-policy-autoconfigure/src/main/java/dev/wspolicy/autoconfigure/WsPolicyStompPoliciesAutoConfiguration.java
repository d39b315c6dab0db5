package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.messaging.simp.stomp.StompDecoder;

import dev.wspolicy.builtin.access.PrincipalAuthorities;
import dev.wspolicy.builtin.access.StompPolicies;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the built-in STOMP policy.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, StompDecoder.class })
@ImportRuntimeHints(WsPolicyStompPoliciesAutoConfiguration.Hints.class)
public final class WsPolicyStompPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyStompAuthorizationFactory")
	FramePolicyFactory<?> wsPolicyStompAuthorizationFactory(ObjectProvider<PrincipalAuthorities> authorities) {
		return StompPolicies.stompAuthorization(authorities.getIfAvailable());
	}

	/** The settings of the policies. */
	static class Hints extends SettingsRuntimeHints {

		Hints() {
			super(StompPolicies.settings());
		}

	}

}
