package dev.wspolicy.policies.stomp;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.simp.stomp.StompDecoder;

import dev.wspolicy.policies.PrincipalAuthorities;
import dev.wspolicy.policies.ShippedFrameFactory;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the shipped policy for STOMP.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, StompDecoder.class })
public final class WsPolicyStompPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyStompAuthorizationFactory")
	FramePolicyFactory<?> wsPolicyStompAuthorizationFactory(ObjectProvider<PrincipalAuthorities> authorities) {
		return new ShippedFrameFactory<>(StompAuthorization.NAME, StompAuthorization.Settings.class,
				(settings) -> new StompAuthorization(settings, authorities.getIfAvailable()));
	}

}
