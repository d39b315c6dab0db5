package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.List;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.gateway.WarmUp;

/**
 * Sessions that are opened before the application is ready.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(NettyReactiveWebServerFactory.class)
@ConditionalOnProperty(name = WarmUpConfiguration.PROPERTY)
class WarmUpConfiguration {

	static final String PROPERTY = WsPolicyProperties.PREFIX + ".warm-up";

	private static final Duration LONGEST = Duration.ofHours(1);

	@Bean
	WarmUp wsPolicyWarmUp(WsPolicyProperties properties, ObjectProvider<GlobalFilter> filters,
			ObjectProvider<List<HttpHeadersFilter>> headersFilters) {
		Duration duration = properties.getWarmUp();
		if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
			throw new InvalidPipelineException("The property '" + PROPERTY + "' is " + duration + ".",
					"Set it to a duration from zero to " + LONGEST.toHours() + " hour.");
		}
		return new WarmUp(duration, filters.orderedStream().toList(), headersFilters.getIfAvailable(List::of));
	}

}
