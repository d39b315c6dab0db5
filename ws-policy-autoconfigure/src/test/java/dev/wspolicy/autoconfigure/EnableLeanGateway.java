package dev.wspolicy.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Auto-configures what a gateway with policies needs, and nothing else. If the
 * application is initialized lazily, the beans of ws-policy are not, because their
 * creation checks the configuration.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import(EnableLeanGateway.EagerPolicies.class)
@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, ConfigurationPropertiesAutoConfiguration.class,
		LifecycleAutoConfiguration.class, SslAutoConfiguration.class, ValidationAutoConfiguration.class,
		JacksonAutoConfiguration.class, CodecsAutoConfiguration.class, HttpHandlerAutoConfiguration.class,
		WebFluxAutoConfiguration.class, RefreshAutoConfiguration.class,
		ConfigurationPropertiesRebinderAutoConfiguration.class, GatewayAutoConfiguration.class,
		WsPolicyAutoConfiguration.class, WsPolicyPoliciesAutoConfiguration.class,
		WsPolicySecurityPoliciesAutoConfiguration.class, WsPolicyStompPoliciesAutoConfiguration.class,
		WsPolicyGraphQlPoliciesAutoConfiguration.class, WsPolicyJsonPoliciesAutoConfiguration.class })
public @interface EnableLeanGateway {

	@Configuration(proxyBeanMethods = false)
	class EagerPolicies {

		@Bean
		static LazyInitializationExcludeFilter eagerPolicies() {
			return (name, definition, type) -> name.startsWith("wsPolicy")
					|| (type != null && type.getName().startsWith("dev.wspolicy"));
		}

	}

}
