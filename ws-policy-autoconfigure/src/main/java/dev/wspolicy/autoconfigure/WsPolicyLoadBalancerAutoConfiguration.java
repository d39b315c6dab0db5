package dev.wspolicy.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.gateway.config.GatewayLoadBalancerProperties;
import org.springframework.cloud.gateway.config.GatewayReactiveLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.gateway.config.conditional.ConditionalOnEnabledGlobalFilter;
import org.springframework.cloud.gateway.filter.ReactiveLoadBalancerClientFilter;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;

import dev.wspolicy.gateway.SessionAwareLoadBalancerClientFactory;

/**
 * Auto-configuration for load balancing that counts sessions as active requests.
 */
@AutoConfiguration(after = LoadBalancerAutoConfiguration.class,
		before = GatewayReactiveLoadBalancerClientAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ LoadBalancerClientFactory.class, ReactiveLoadBalancerClientFilter.class })
@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".load-balancer.count-sessions", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "spring.cloud.gateway.server.webflux.enabled", matchIfMissing = true)
@EnableConfigurationProperties(GatewayLoadBalancerProperties.class)
public final class WsPolicyLoadBalancerAutoConfiguration {

	/** Replaces Gateway's own filter, which backs off. */
	@Bean
	@ConditionalOnBean(LoadBalancerClientFactory.class)
	@ConditionalOnMissingBean(ReactiveLoadBalancerClientFilter.class)
	@ConditionalOnEnabledGlobalFilter(ReactiveLoadBalancerClientFilter.class)
	ReactiveLoadBalancerClientFilter wsPolicyLoadBalancerClientFilter(LoadBalancerClientFactory loadBalancers,
			GatewayLoadBalancerProperties properties) {
		return new ReactiveLoadBalancerClientFilter(new SessionAwareLoadBalancerClientFactory(loadBalancers),
				properties);
	}

}
