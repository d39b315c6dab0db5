package dev.wspolicy.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.observation.SessionEvents;
import dev.wspolicy.observation.SessionLog;
import dev.wspolicy.observation.SessionMeters;
import dev.wspolicy.session.SessionRegistry;

/**
 * Auto-configuration for the meters, log lines and events of sessions.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class, afterName = {
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration" })
@ConditionalOnBean(SessionRegistry.class)
@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
public final class WsPolicyObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".log-sessions", matchIfMissing = true)
	SessionLog wsPolicySessionLog() {
		return new SessionLog();
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".publish-events")
	SessionEvents wsPolicySessionEvents(ApplicationEventPublisher publisher) {
		return new SessionEvents(publisher);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	static class MetersConfiguration {

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnBean(MeterRegistry.class)
		SessionMeters wsPolicySessionMeters(MeterRegistry meters, SessionRegistry sessions) {
			return new SessionMeters(meters, sessions);
		}

		/** Register the meters before the first session opens. */
		@Bean
		static LazyInitializationExcludeFilter wsPolicySessionMetersLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(SessionMeters.class);
		}

	}

}
