package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Mono;

import dev.wspolicy.actuate.WebSocketPipelinesEndpoint;
import dev.wspolicy.gateway.RoutePipelines;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PolicyOrigin;
import dev.wspolicy.pipeline.UpgradeBinding;
import dev.wspolicy.policy.UpgradePolicy;

/**
 * Auto-configuration for the actuator's endpoint of effective pipelines.
 */
@AutoConfiguration(after = WsPolicyAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(WebSocketPipelinesEndpoint.class)
@ConditionalOnBean(PipelineCatalog.class)
public final class WebSocketPipelinesEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WebSocketPipelinesEndpoint webSocketPipelinesEndpoint(ObjectProvider<RouteLocator> routes, PipelineCatalog catalog,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<UpgradePolicy> upgradePolicies) {
		// Asked for late: routes may be made of beans that are not there yet.
		Mono<Map<String, String>> byRoute = Mono.defer(() -> new RoutePipelines(routes.getObject()).byRoute());
		return new WebSocketPipelinesEndpoint(byRoute, catalog, upgradeBeans(beanFactory, upgradePolicies));
	}

	private static List<UpgradeBinding> upgradeBeans(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<UpgradePolicy> upgradePolicies) {
		Map<String, UpgradePolicy> beans = SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory,
				UpgradePolicy.class);
		List<UpgradeBinding> bindings = new ArrayList<>();
		upgradePolicies.orderedStream().forEach((policy) -> {
			String name = beans.entrySet()
				.stream()
				.filter((bean) -> bean.getValue() == policy)
				.findFirst()
				.map(Map.Entry::getKey)
				.orElse("");
			PolicyOrigin origin = PolicyOrigin.of(PolicyOrigin.Kind.BEAN, AopProxyUtils.ultimateTargetClass(policy));
			bindings.add(new UpgradeBinding(name, policy, origin));
		});
		return bindings;
	}

}
