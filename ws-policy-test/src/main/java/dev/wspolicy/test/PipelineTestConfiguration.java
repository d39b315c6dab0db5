package dev.wspolicy.test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.autoconfigure.WsPolicyAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyGraphQlPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyJsonPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyLocalFleetAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicySecurityPoliciesAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyStompPoliciesAutoConfiguration;

/**
 * What reads pipelines and creates the built-in policies. There is no server.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, ConfigurationPropertiesAutoConfiguration.class,
		LifecycleAutoConfiguration.class, SslAutoConfiguration.class, ValidationAutoConfiguration.class,
		JacksonAutoConfiguration.class, CodecsAutoConfiguration.class, WebFluxAutoConfiguration.class,
		GatewayAutoConfiguration.class, WsPolicyAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class,
		WsPolicyPoliciesAutoConfiguration.class, WsPolicySecurityPoliciesAutoConfiguration.class,
		WsPolicyStompPoliciesAutoConfiguration.class, WsPolicyGraphQlPoliciesAutoConfiguration.class,
		WsPolicyJsonPoliciesAutoConfiguration.class })
class PipelineTestConfiguration {

}
