package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.reactive.ReactiveWebServerFactory;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.conditional.ConditionalOnEnabledFilter;
import org.springframework.cloud.gateway.config.conditional.ConditionalOnEnabledGlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.validation.Validator;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.gateway.DedicatedHttpClientFactory;
import dev.wspolicy.gateway.ExtendedConnect;
import dev.wspolicy.gateway.Http2ServerCustomizer;
import dev.wspolicy.gateway.IncomingUpgradeFilter;
import dev.wspolicy.gateway.RouteChangeListener;
import dev.wspolicy.gateway.SessionDrain;
import dev.wspolicy.gateway.UpgradeObservationFilter;
import dev.wspolicy.gateway.UpgradeServerCustomizer;
import dev.wspolicy.gateway.UpstreamDialer;
import dev.wspolicy.gateway.WebSocketUpgradeFilter;
import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.gateway.WsPolicyRoutingFilter;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.NettyRuntimeHints;
import dev.wspolicy.netty.SessionLauncher;
import dev.wspolicy.observation.UpgradeObservationConvention;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.PipelineDefinition;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradePolicyFactory;
import dev.wspolicy.rollout.UpgradeRecorder;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.SessionListener;

/**
 * Auto-configuration for ws-policy in Spring Cloud Gateway.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass({ GatewayAutoConfiguration.class, reactor.netty.http.client.HttpClient.class })
@ConditionalOnBooleanProperty(name = "spring.cloud.gateway.server.webflux.enabled", matchIfMissing = true)
@EnableConfigurationProperties(WsPolicyProperties.class)
@ImportRuntimeHints({ WsPolicyRuntimeHints.class, NettyRuntimeHints.class })
public final class WsPolicyAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
	@Import(WarmUpConfiguration.class)
	static class EnabledConfiguration {

		// The time that a session may take to end after its close timeout.
		private static final Duration MARGIN = Duration.ofSeconds(1);

		private static final String GLOBAL_FILTERS = "spring.cloud.gateway.server.webflux.global-filter";

		@Bean
		PipelineReaderFactory wsPolicyPipelineReaderFactory(WsPolicyProperties properties,
				ConfigurableListableBeanFactory beanFactory, ObjectProvider<FramePolicy> policies,
				ObjectProvider<FramePolicyFactory<?>> factories, ObjectProvider<UpgradePolicy> onUpgrades,
				ObjectProvider<UpgradePolicyFactory<?>> upgradeFactories, Environment environment,
				ObjectProvider<Validator> validator, ObjectProvider<SessionListener> listeners) {
			PolicyBindings bindings = new PolicyBindings(beanFactory, policies.orderedStream(),
					new BlockingPolicyOffloader(), properties.isMdc());
			SettingsBinder settingsBinder = new SettingsBinder(environment, beanFactory, validator.getIfUnique());
			// Later: listeners may depend on the pipelines.
			UpgradeRecorder recorder = new ListeningUpgradeRecorder(listeners);
			UpgradePolicies upgradePolicies = new UpgradePolicies(beanFactory, onUpgrades.orderedStream(),
					upgradeFactories.orderedStream().toList(), settingsBinder, recorder);
			return new PipelineReaderFactory(bindings, factories.orderedStream().toList(), upgradePolicies,
					settingsBinder, new RequiredLibraries(beanFactory.getBeanClassLoader()));
		}

		@Bean
		@ConditionalOnMissingBean
		PipelineCatalog wsPolicyPipelineCatalog(WsPolicyProperties properties, PipelineReaderFactory readers) {
			List<PipelineDefinition> definitions = readers.reader(properties).read();
			readers.upgradePolicies().checkBound(definitions);
			return new PipelineCatalog(definitions, readers.annotated(), readers.upgradePolicies().annotated());
		}

		@Bean
		RolloutSwitch wsPolicyRolloutSwitch(PipelineCatalog catalog, LiveSessions sessions) {
			return new RolloutSwitch(catalog, sessions, Schedulers.boundedElastic());
		}

		@Bean
		PipelineRefresh wsPolicyPipelineRefresh(PipelineReaderFactory readers, PipelineCatalog catalog,
				LiveSessions sessions, RolloutSwitch rollouts, BeanFactory beanFactory, Environment environment) {
			return new PipelineRefresh(readers, catalog, sessions, rollouts,
					new FailureReporter(beanFactory, environment));
		}

		@Bean
		RouteChangeListener wsPolicyRouteChangeListener(RouteDefinitionLocator definitions, PipelineCatalog catalog,
				LiveSessions sessions) {
			return new RouteChangeListener(definitions, catalog, sessions);
		}

		@Bean
		RoutePipelineVerifier wsPolicyRoutePipelineVerifier(GatewayProperties gatewayProperties,
				PipelineCatalog catalog, ObjectProvider<WsPolicyGatewayFilterFactory> filter) {
			return new RoutePipelineVerifier(gatewayProperties, catalog, filter.stream().findAny().isPresent());
		}

		@Bean
		SubprotocolVerifier wsPolicySubprotocolVerifier(GatewayProperties gatewayProperties, PipelineCatalog catalog,
				PipelineReaderFactory readers) {
			return new SubprotocolVerifier(gatewayProperties, catalog, readers.annotated());
		}

		@Bean
		UnmatchedRouteWarning wsPolicyUnmatchedRouteWarning(PipelineReaderFactory readers,
				ObjectProvider<RouteLocator> routes) {
			return new UnmatchedRouteWarning(readers.annotated(), readers.upgradePolicies().annotated(), routes);
		}

		@Bean
		UnusedPipelineWarning wsPolicyUnusedPipelineWarning(PipelineCatalog catalog,
				ObjectProvider<RouteLocator> routes) {
			return new UnusedPipelineWarning(catalog, routes);
		}

		@Bean
		@ConditionalOnMissingBean
		SessionDrain wsPolicySessionDrain(LiveSessions sessions, PipelineCatalog catalog, WsPolicyProperties properties,
				ObjectProvider<LifecycleProperties> lifecycle, ApplicationEventPublisher events) {
			Duration window = properties.getDrain().getWindow();
			if (window.isNegative() || window.compareTo(Timeouts.LONGEST) > 0) {
				throw new InvalidPipelineException("The property 'ws-policy.drain.window' is " + window + ".",
						"Set it to a duration from zero to " + Timeouts.LONGEST.toDays() + " days.");
			}
			CloseStatus status = status(properties.getDrain());
			Duration phase = lifecycle.getIfAvailable(LifecycleProperties::new).getTimeoutPerShutdownPhase();
			return new SessionDrain(sessions, window, status, () -> longestClose(catalog).plus(MARGIN), phase, events);
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
		// Behind the conversion of extended CONNECT requests, which have tokens, too.
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		HttpHandlerDecoratorFactory wsPolicyQueryToken(WsPolicyProperties properties) {
			return QueryTokenReader.read(properties.getQueryToken())::decorate;
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnEnabledGlobalFilter
		WsPolicyRoutingFilter wsPolicyRoutingFilter(PipelineCatalog catalog, LiveSessions sessions,
				UpstreamDialer dialer, ObjectProvider<List<HttpHeadersFilter>> headersFilters,
				ObjectProvider<WebSocketUpgradeFilter> upgradeFilter) {
			if (upgradeFilter.stream().findAny().isEmpty()) {
				throw new InvalidPipelineException(
						"The property '" + GLOBAL_FILTERS + ".web-socket-upgrade.enabled' is false, but no session can"
								+ " open without that filter.",
						"Set '" + GLOBAL_FILTERS
								+ ".ws-policy-routing.enabled' to false, too. To disable ws-policy, set only"
								+ " 'ws-policy.enabled' to false.");
			}
			return new WsPolicyRoutingFilter(catalog, sessions, dialer, headersFilters.getIfAvailable(List::of));
		}

		@Bean
		// Gateway's own filter works with other servers, too.
		@ConditionalOnBean(WsPolicyRoutingFilter.class)
		WebServerVerifier wsPolicyWebServerVerifier(ObjectProvider<ReactiveWebServerFactory> servers) {
			return new WebServerVerifier(servers);
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnEnabledGlobalFilter
		// Gateway's own sessions start with a response that looks like a refusal.
		@ConditionalOnBean(WsPolicyRoutingFilter.class)
		IncomingUpgradeFilter wsPolicyIncomingUpgradeFilter(ObjectProvider<SessionListener> listeners,
				RouteChangeListener routeChanges) {
			return new IncomingUpgradeFilter(listeners.orderedStream().toList(), routeChanges);
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnEnabledGlobalFilter
		// With Gateway's own filter, an upgrade lasts as long as its session.
		@ConditionalOnBean(WsPolicyRoutingFilter.class)
		UpgradeObservationFilter wsPolicyUpgradeObservationFilter(ObjectProvider<ObservationRegistry> registry,
				ObjectProvider<UpgradeObservationConvention> convention) {
			return new UpgradeObservationFilter(registry.getIfUnique(() -> ObservationRegistry.NOOP),
					convention.getIfAvailable());
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnEnabledGlobalFilter
		WebSocketUpgradeFilter wsPolicyUpgradeFilter(LiveSessions registry, ObjectProvider<SessionListener> listeners,
				ObjectProvider<PolicyTimingListener> timers, WsPolicyProperties properties,
				RouteChangeListener routeChanges) {
			SessionLauncher launcher = new SessionLauncher(registry, listeners.orderedStream().toList(),
					timer(timers.orderedStream().toList()), TurnBudgetReader.read(properties.getTurn()));
			return new WebSocketUpgradeFilter(launcher, routeChanges);
		}

		private static CloseStatus status(WsPolicyProperties.Drain drain) {
			try {
				return CloseStatus.of(drain.getCode(), drain.getReason());
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidPipelineException(
						"The property 'ws-policy.drain.code' is " + drain.getCode()
								+ ", which no close frame may carry.",
						"Set it to 1001, to 1012, or to another code that a close frame may carry: " + CloseStatus.CODES
								+ ".");
			}
		}

		private static Duration longestClose(PipelineCatalog catalog) {
			return catalog.names()
				.stream()
				.map((name) -> catalog.definition(name).settings().timeouts().close())
				.reduce(Duration.ZERO, (one, other) -> (one.compareTo(other) < 0) ? other : one);
		}

		private static @Nullable PolicyTimingListener timer(List<PolicyTimingListener> timers) {
			return switch (timers.size()) {
				case 0 -> null;
				case 1 -> timers.get(0);
				default -> (session, direction, policy, nanos) -> timers
					.forEach((timer) -> timer.onTimed(session, direction, policy, nanos));
			};
		}

	}

	/**
	 * Configures the server to separate frames that a client sends before its 101 from
	 * HTTP, and checks its event loops.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(NettyReactiveWebServerFactory.class)
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
	static class ServerConfiguration {

		@Bean
		UpgradeServerCustomizer wsPolicyUpgradeServerCustomizer() {
			return new UpgradeServerCustomizer();
		}

		@Bean
		EventLoopsWarning wsPolicyEventLoopsWarning(WsPolicyProperties properties,
				ObjectProvider<ReactorResourceFactory> resources) {
			return new EventLoopsWarning(properties.getEventLoops(), Runtime.getRuntime().availableProcessors(),
					resources);
		}

	}

	/**
	 * Lets clients open WebSockets over HTTP/2.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(NettyReactiveWebServerFactory.class)
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".enabled", matchIfMissing = true)
	@ConditionalOnBooleanProperty(name = WsPolicyProperties.PREFIX + ".http2.enabled")
	static class Http2Configuration {

		@Bean
		Http2ServerCustomizer wsPolicyHttp2ServerCustomizer(Environment environment) {
			if (!environment.getProperty("server.http2.enabled", Boolean.class, false)) {
				throw new InvalidPipelineException(
						"The property 'ws-policy.http2.enabled' is true, but 'server.http2.enabled' is not, so the web"
								+ " server speaks HTTP/1.1 only.",
						"Set 'server.http2.enabled' to true; with 'server.ssl', clients then negotiate HTTP/2, and"
								+ " without, they may use it in clear text. Or remove 'ws-policy.http2.enabled'.");
			}
			return new Http2ServerCustomizer();
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		HttpHandlerDecoratorFactory wsPolicyExtendedConnect() {
			return ExtendedConnect::decorate;
		}

	}

	/**
	 * Beans that are present even if ws-policy is disabled: the filter, which routes may
	 * still refer to, and the session registry, which other beans may depend on and which
	 * is then empty.
	 */
	@Configuration(proxyBeanMethods = false)
	static class CommonConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static ConfigurationPropertiesBindHandlerAdvisor wsPolicyBindHandlerAdvisor() {
			return (handler) -> new ExactValues(PolicyLists.withoutReplaced(handler));
		}

		@Bean
		@ConditionalOnMissingBean
		LiveSessions wsPolicySessionRegistry() {
			return new LiveSessions();
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnEnabledFilter
		WsPolicyGatewayFilterFactory wsPolicyGatewayFilterFactory(ObjectProvider<PipelineCatalog> catalog) {
			return new WsPolicyGatewayFilterFactory(catalog.getIfAvailable());
		}

	}

}
