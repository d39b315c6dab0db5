package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

import dev.wspolicy.actuate.WsPolicyHealthIndicator;
import dev.wspolicy.gateway.WarmUp;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for {@link WsPolicyHealthIndicator}.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnEnabledHealthIndicator("ws-policy")
@ConditionalOnBean(SessionRegistry.class)
public final class WsPolicyHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyHealthIndicator")
	WsPolicyHealthIndicator wsPolicyHealthIndicator(SessionRegistry registry, ObjectProvider<WarmUp> warmUp) {
		// Looked up late, since it depends on all filters
		return new WsPolicyHealthIndicator(registry, () -> warmUp.stream().allMatch(WarmUp::isDone));
	}

}
