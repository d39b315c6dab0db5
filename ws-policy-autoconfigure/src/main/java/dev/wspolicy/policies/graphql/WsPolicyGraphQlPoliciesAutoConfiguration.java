package dev.wspolicy.policies.graphql;

import graphql.parser.Parser;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.policies.PrincipalAuthorities;
import dev.wspolicy.policies.ShippedFrameFactory;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the shipped policy for GraphQL.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, Parser.class, JsonMapper.class })
public final class WsPolicyGraphQlPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyGraphQlLimitFactory")
	FramePolicyFactory<?> wsPolicyGraphQlLimitFactory(ObjectProvider<PrincipalAuthorities> authorities) {
		return new ShippedFrameFactory<>(GraphQlLimit.NAME, GraphQlLimit.Settings.class,
				(settings) -> new GraphQlLimit(settings, authorities.getIfAvailable()));
	}

}
