package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.validation.Validator;

import dev.wspolicy.gateway.DedicatedHttpClientFactory;
import dev.wspolicy.gateway.RouteChanges;
import dev.wspolicy.gateway.SessionDrain;
import dev.wspolicy.gateway.UpgradeObservationFilter;
import dev.wspolicy.gateway.UpstreamDialer;
import dev.wspolicy.gateway.WebSocketUpgradeFilter;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.gateway.WsPolicyRoutingFilter;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.observation.UpgradeObservationConvention;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradePolicyFactory;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.SessionListener;

/**
 * Auto-configuration for governed WebSocket sessions in Spring Cloud Gateway.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, reactor.netty.http.client.HttpClient.class })
@ConditionalOnBooleanProperty(name = "spring.cloud.gateway.server.webflux.enabled", matchIfMissing = true)
@EnableConfigurationProperties(WsPolicyProperties.class)
public final class WsPolicyAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
	static class EnabledConfiguration {

		// What a session takes beyond its close timeout to be over.
		private static final Duration MARGIN = Duration.ofSeconds(1);

		@Bean
		PipelineReaderFactory wsPolicyPipelineReaderFactory(WsPolicyProperties properties,
				ConfigurableListableBeanFactory beanFactory, ObjectProvider<FramePolicy> policies,
				ObjectProvider<FramePolicyFactory<?>> factories,
				ObjectProvider<UpgradePolicyFactory<?>> upgradeFactories, Environment environment,
				ObjectProvider<Validator> validator) {
			PolicyBindings bindings = new PolicyBindings(beanFactory, policies.orderedStream(), new BlockingPolicies(),
					properties.isMdc());
			SettingsBinder settingsBinder = new SettingsBinder(environment, beanFactory, validator.getIfUnique());
			UpgradePolicies upgradePolicies = new UpgradePolicies(beanFactory,
					upgradeFactories.orderedStream().toList(), settingsBinder);
			return new PipelineReaderFactory(bindings, factories.orderedStream().toList(), upgradePolicies,
					settingsBinder);
		}

		@Bean
		@ConditionalOnMissingBean
		PipelineCatalog wsPolicyPipelineCatalog(WsPolicyProperties properties, PipelineReaderFactory readers) {
			return new PipelineCatalog(readers.reader(properties).read(), readers.annotated());
		}

		@Bean
		PipelineRefresh wsPolicyPipelineRefresh(PipelineReaderFactory readers, PipelineCatalog catalog,
				LiveSessions sessions, BeanFactory beanFactory, Environment environment) {
			return new PipelineRefresh(readers, catalog, sessions, new FailureReports(beanFactory, environment));
		}

		@Bean
		RouteChanges wsPolicyRouteChanges(RouteDefinitionLocator definitions, PipelineCatalog catalog,
				LiveSessions sessions) {
			return new RouteChanges(definitions, catalog, sessions);
		}

		@Bean
		RoutePipelineVerifier wsPolicyRoutePipelineVerifier(GatewayProperties gatewayProperties,
				PipelineCatalog catalog) {
			return new RoutePipelineVerifier(gatewayProperties, catalog);
		}

		@Bean
		UnmatchedRoutes wsPolicyUnmatchedRoutes(PipelineReaderFactory readers, ObjectProvider<RouteLocator> routes) {
			return new UnmatchedRoutes(readers.annotated(), routes);
		}

		@Bean
		@ConditionalOnMissingBean
		SessionDrain wsPolicySessionDrain(LiveSessions sessions, PipelineCatalog catalog, WsPolicyProperties properties,
				ObjectProvider<LifecycleProperties> lifecycle, ApplicationEventPublisher events) {
			Duration window = properties.getDrain().getWindow();
			if (window.isNegative() || window.compareTo(Timeouts.LONGEST) > 0) {
				throw new InvalidPipelineException("The property 'ws-policy.drain.window' is " + window + ".",
						"Set it to zero or more, and to " + Timeouts.LONGEST.toDays() + " days at most.");
			}
			Duration phase = lifecycle.getIfAvailable(LifecycleProperties::new).getTimeoutPerShutdownPhase();
			return new SessionDrain(sessions, window, () -> longestClose(catalog).plus(MARGIN), phase, events);
		}

		@Bean
		@ConditionalOnMissingBean
		UpstreamDialer wsPolicyUpstreamDialer(HttpClientProperties properties,
				ObjectProvider<HttpClientCustomizer> customizers, SslBundles sslBundles) {
			List<HttpClientCustomizer> ordered = new ArrayList<>(customizers.orderedStream().toList());
			return new UpstreamDialer(DedicatedHttpClientFactory.create(properties, ordered, sslBundles));
		}

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyQueryToken")
		@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".query-token.enabled")
		@Order(Ordered.HIGHEST_PRECEDENCE)
		HttpHandlerDecoratorFactory wsPolicyQueryToken(WsPolicyProperties properties) {
			return QueryTokenReader.read(properties.getQueryToken())::before;
		}

		@Bean
		@ConditionalOnMissingBean
		WsPolicyRoutingFilter wsPolicyRoutingFilter(PipelineCatalog catalog, LiveSessions sessions,
				UpstreamDialer dialer, ObjectProvider<List<HttpHeadersFilter>> headersFilters,
				ObjectProvider<UpgradePolicy> upgradePolicies, ObjectProvider<SessionListener> listeners) {
			return new WsPolicyRoutingFilter(catalog, sessions, dialer, headersFilters.getIfAvailable(List::of),
					upgradePolicies.orderedStream().toList(), listeners.orderedStream().toList());
		}

		@Bean
		@ConditionalOnMissingBean
		UpgradeObservationFilter wsPolicyUpgradeObservationFilter(ObjectProvider<ObservationRegistry> registry,
				ObjectProvider<UpgradeObservationConvention> convention) {
			return new UpgradeObservationFilter(registry.getIfUnique(() -> ObservationRegistry.NOOP),
					convention.getIfAvailable());
		}

		@Bean
		@ConditionalOnMissingBean
		WebSocketUpgradeFilter wsPolicyUpgradeFilter(LiveSessions registry, ObjectProvider<SessionListener> listeners,
				ObjectProvider<PolicyTimer> timers) {
			return new WebSocketUpgradeFilter(new SessionLauncher(registry, listeners.orderedStream().toList(),
					timer(timers.orderedStream().toList())));
		}

		private static Duration longestClose(PipelineCatalog catalog) {
			return catalog.names()
				.stream()
				.map((name) -> catalog.definition(name).timeouts().close())
				.reduce(Duration.ZERO, (one, other) -> (one.compareTo(other) < 0) ? other : one);
		}

		private static @Nullable PolicyTimer timer(List<PolicyTimer> timers) {
			return switch (timers.size()) {
				case 0 -> null;
				case 1 -> timers.get(0);
				default -> (session, direction, policy, nanos) -> timers
					.forEach((timer) -> timer.onJudged(session, direction, policy, nanos));
			};
		}

	}

	/**
	 * What is there even while the library is switched off: the filter, which a route may
	 * keep, and the registry, which other beans may want, and which is then empty.
	 */
	@Configuration(proxyBeanMethods = false)
	static class AlwaysConfiguration {

		@Bean
		@ConditionalOnMissingBean
		LiveSessions wsPolicySessionRegistry() {
			return new LiveSessions();
		}

		@Bean
		@ConditionalOnMissingBean
		WsPolicyGatewayFilterFactory wsPolicyGatewayFilterFactory(ObjectProvider<PipelineCatalog> catalog) {
			return new WsPolicyGatewayFilterFactory(catalog.getIfAvailable());
		}

	}

}
