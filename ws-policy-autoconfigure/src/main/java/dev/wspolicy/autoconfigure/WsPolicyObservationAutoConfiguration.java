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
 * Auto-configuration for meters and log lines of sessions.
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

		/** The meters are there before the first session that would have them made. */
		@Bean
		static LazyInitializationExcludeFilter wsPolicySessionMetersLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(SessionMeters.class);
		}

	}

}
