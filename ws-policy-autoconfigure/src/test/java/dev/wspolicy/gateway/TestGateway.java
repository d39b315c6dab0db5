package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.reactor.autoconfigure.ReactorAutoConfiguration;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.webflux.autoconfigure.error.ErrorWebFluxAutoConfiguration;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.autoconfigure.EnableLeanGateway;
import dev.wspolicy.autoconfigure.SharedClassMetadata;
import dev.wspolicy.autoconfigure.WsPolicyLocalFleetAutoConfiguration;
import dev.wspolicy.autoconfigure.WsPolicyObservationAutoConfiguration;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.TestCertificates;

import static org.awaitility.Awaitility.await;

/**
 * A gateway on a random port, with one route per upstream. Unless it is
 * {@linkplain Builder#complete() complete}, it has what relaying and governing sessions
 * needs, which starts in less than half of the time.
 */
public final class TestGateway implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	/** The trust settings of TLS clients. */
	private final @Nullable SSLContext tls;

	private TestGateway(ConfigurableApplicationContext context, @Nullable SSLContext tls) {
		this.context = context;
		this.tls = tls;
	}

	public static Builder with(Class<?>... configuration) {
		return new Builder(configuration);
	}

	public int port() {
		return ((WebServerApplicationContext) this.context).getWebServer().getPort();
	}

	public RawClient client() {
		RawClient client = RawClient.to(port());
		return (this.tls != null) ? client.tls(this.tls) : client;
	}

	/** Send an HTTP request to the gateway. */
	public WebTestClient http(String path) {
		return WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + port() + path)
			.responseTimeout(Duration.ofSeconds(30))
			.build();
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/** Set properties and refresh the environment as Spring Cloud does. */
	public void refresh(Map<String, Object> properties) {
		this.context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("refreshed", properties));
		publish(new EnvironmentChangeEvent(this.context, properties.keySet()));
	}

	public void publish(ApplicationEvent event) {
		this.context.publishEvent(event);
	}

	public SessionRegistry sessions() {
		return this.context.getBean(LiveSessions.class);
	}

	/** Return the only session, once it is open. */
	public ProxiedSession onlySession() {
		return await().until(() -> sessions().stream().toList(), (open) -> open.size() == 1).get(0);
	}

	/**
	 * Wait until no session is open, their resources have been released, and their
	 * listeners have been called. Includes sessions whose clients have just got their
	 * 101.
	 */
	public void awaitNoSessions() {
		awaitEventLoops();
		await().until(() -> bean(LiveSessions.class).unfinished() == 0);
	}

	/**
	 * Wait until each event loop that serves clients has finished what it is doing now,
	 * and what it has been given to do.
	 */
	void awaitEventLoops() {
		for (EventExecutor loop : bean(EventLoops.class).loops) {
			if (!loop.isShuttingDown()) {
				boolean done = loop.submit(() -> {
				}).awaitUninterruptibly(30, TimeUnit.SECONDS);
				if (!done) {
					throw new AssertionError("Stuck: " + loop);
				}
			}
		}
	}

	/**
	 * Log by default again, whatever other gateways of the JVM have been configured to
	 * log since the start of this one.
	 */
	void restoreLogging() {
		LoggingSystem logging = LoggingSystem.get(TestGateway.class.getClassLoader());
		logging.cleanUp();
		logging.beforeInitialize();
		logging.initialize(new LoggingInitializationContext(this.context.getEnvironment()), null, null);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class CompleteApplication {

	}

	@EnableLeanGateway
	@ImportAutoConfiguration({ ReactorAutoConfiguration.class, NettyReactiveWebServerAutoConfiguration.class,
			ErrorWebFluxAutoConfiguration.class, WsPolicyLocalFleetAutoConfiguration.class,
			WsPolicyObservationAutoConfiguration.class })
	@Configuration(proxyBeanMethods = false)
	static class LeanApplication {

	}

	/**
	 * Event loops of its own. Those of the JVM stop when any gateway is closed that uses
	 * them. All of this belongs to the context and not to the builder, which some tests
	 * keep for as long as the JVM lives.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OwnEventLoops {

		@Bean
		ReactorResourceFactory reactorResourceFactory() {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setLoopResourcesSupplier(() -> LoopResources.create("reactor-http"));
			resources.setShutdownQuietPeriod(Duration.ZERO);
			return resources;
		}

		/**
		 * Plain HTTP to upstreams would use those of the JVM, and a pool does not survive
		 * that they stop while it connects.
		 */
		@Bean
		HttpClientCustomizer clientOnOwnEventLoops(ReactorResourceFactory resources) {
			// Reactor Netty never forgets what a client has run on.
			LoopResources own = resources.getLoopResources();
			LoopResources loops = (preferNative) -> own.onServer(preferNative);
			return (client) -> client.runOn(loops);
		}

		@Bean
		EventLoops eventLoops() {
			return new EventLoops();
		}

	}

	/**
	 * The event loops of all connections of clients, whichever loops those are.
	 */
	private static final class EventLoops implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {

		private final Set<EventExecutor> loops = ConcurrentHashMap.newKeySet();

		@Override
		public void customize(NettyReactiveWebServerFactory factory) {
			factory.addServerCustomizers((server) -> server
				.doOnConnection((connection) -> this.loops.add(connection.channel().eventLoop())));
		}

	}

	public static final class Builder {

		private final List<Class<?>> sources = new ArrayList<>(List.of(LeanApplication.class, OwnEventLoops.class));

		private final Map<String, Object> properties = new LinkedHashMap<>();

		private final List<ApplicationContextInitializer<ConfigurableApplicationContext>> initializers = new ArrayList<>();

		private @Nullable SSLContext tls;

		private int routes;

		private Builder(Class<?>... configuration) {
			this.sources.addAll(List.of(configuration));
			set("server.port", 0);
			set("spring.main.banner-mode", "off");
		}

		/** Start everything that users get with the starter and the actuator. */
		public Builder complete() {
			this.sources.set(0, CompleteApplication.class);
			return this;
		}

		public Builder set(String property, Object value) {
			this.properties.put(property, value);
			return this;
		}

		/** Register a bean instance. */
		public <T> Builder bean(Class<T> type, T bean) {
			this.initializers.add((context) -> ((GenericApplicationContext) context).registerBean(type, () -> bean));
			return this;
		}

		/** Add a route for {@code /id/**}. */
		public Builder route(String id, Object uri, String... filters) {
			String route = "spring.cloud.gateway.server.webflux.routes[" + this.routes++ + "]";
			set(route + ".id", id);
			set(route + ".uri", uri.toString());
			set(route + ".predicates[0]", "Path=/" + id + "/**");
			for (int i = 0; i < filters.length; i++) {
				set(route + ".filters[" + i + "]", filters[i]);
			}
			return this;
		}

		/** Enable TLS for clients, with this certificate. */
		public Builder tls(TestCertificates certificates) {
			this.tls = certificates.client();
			return set("server.ssl.bundle", "gateway")
				.set("spring.ssl.bundle.pem.gateway.keystore.certificate", certificates.certificateFile().toUri())
				.set("spring.ssl.bundle.pem.gateway.keystore.private-key", certificates.privateKeyFile().toUri());
		}

		/** Let clients use HTTP/2 as well. */
		public Builder http2() {
			return set("server.http2.enabled", true).set("ws-policy.http2.enabled", true);
		}

		/** Trust these certificates of upstreams, and no others. */
		public Builder trust(TestCertificates... certificates) {
			for (int i = 0; i < certificates.length; i++) {
				set("spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates[" + i + "]",
						certificates[i].certificateFile().toUri());
			}
			return this;
		}

		public TestGateway start() {
			List<String> arguments = new ArrayList<>();
			this.properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
			return new TestGateway(
					new SpringApplicationBuilder(this.sources.toArray(new Class<?>[0])).web(WebApplicationType.REACTIVE)
						.initializers(new SharedClassMetadata())
						.initializers(this.initializers.toArray(new ApplicationContextInitializer<?>[0]))
						.run(arguments.toArray(new String[0])),
					this.tls);
		}

	}

}
