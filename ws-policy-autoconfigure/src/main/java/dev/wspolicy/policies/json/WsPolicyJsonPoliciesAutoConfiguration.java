package dev.wspolicy.policies.json;

import com.networknt.schema.Schema;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ResourceLoader;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.policies.ShippedFrameFactory;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Auto-configuration for the shipped policies on JSON messages.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, JsonMapper.class })
public final class WsPolicyJsonPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyJsonRedactFactory")
	FramePolicyFactory<?> wsPolicyJsonRedactFactory() {
		return new ShippedFrameFactory<>(JsonRedact.NAME, JsonRedact.Settings.class, JsonRedact::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyJsonSetFactory")
	FramePolicyFactory<?> wsPolicyJsonSetFactory() {
		return new ShippedFrameFactory<>(JsonSet.NAME, JsonSet.Settings.class, JsonSet::new);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Schema.class)
	static class NetworkntConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyJsonSchemaFactory")
		FramePolicyFactory<?> wsPolicyJsonSchemaFactory(ResourceLoader resources) {
			return new ShippedFrameFactory<>(JsonSchema.NAME, JsonSchema.Settings.class,
					(settings) -> new JsonSchema(settings, resources));
		}

	}

}
