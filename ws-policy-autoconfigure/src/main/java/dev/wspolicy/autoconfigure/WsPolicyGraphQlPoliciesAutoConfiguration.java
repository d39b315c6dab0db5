package dev.wspolicy.autoconfigure;

import graphql.parser.Parser;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.builtin.access.GraphQlPolicies;
import dev.wspolicy.builtin.access.PrincipalAuthorities;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the built-in GraphQL policy.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, Parser.class, JsonMapper.class })
@ImportRuntimeHints(WsPolicyGraphQlPoliciesAutoConfiguration.Hints.class)
public final class WsPolicyGraphQlPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyGraphQlLimitFactory")
	FramePolicyFactory<?> wsPolicyGraphQlLimitFactory(ObjectProvider<PrincipalAuthorities> authorities) {
		return GraphQlPolicies.graphQlLimit(authorities.getIfAvailable());
	}

	/** The settings of the policies. */
	static class Hints extends SettingsRuntimeHints {

		Hints() {
			super(GraphQlPolicies.settings());
		}

	}

}
