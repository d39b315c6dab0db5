package dev.wspolicy.autoconfigure;

import com.networknt.schema.Schema;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.io.ResourceLoader;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.builtin.json.JsonPolicies;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the built-in JSON policies.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, JsonMapper.class })
@ImportRuntimeHints(WsPolicyJsonPoliciesAutoConfiguration.Hints.class)
public final class WsPolicyJsonPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyJsonRedactFactory")
	FramePolicyFactory<?> wsPolicyJsonRedactFactory() {
		return JsonPolicies.jsonRedact();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyJsonSetFactory")
	FramePolicyFactory<?> wsPolicyJsonSetFactory() {
		return JsonPolicies.jsonSet();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Schema.class)
	static class NetworkntConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyJsonSchemaFactory")
		FramePolicyFactory<?> wsPolicyJsonSchemaFactory(ResourceLoader resources) {
			return JsonPolicies.jsonSchema(resources);
		}

	}

	/** The settings of the policies. */
	static class Hints extends SettingsRuntimeHints {

		Hints() {
			super(JsonPolicies.settings());
		}

	}

}
