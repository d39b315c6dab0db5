package dev.wspolicy.proving.site;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.awaitility.Awaitility;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.TestCertificates;

/**
 * A gateway on a free port, with everything that the starter and the actuator bring.
 */
public final class ProvedGateway implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private ProvedGateway(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/** Returns a builder of a gateway with further configuration classes. */
	public static Builder with(Class<?>... configuration) {
		return new Builder(configuration);
	}

	public int port() {
		return ((WebServerApplicationContext) this.context).getWebServer().getPort();
	}

	public RawClient client() {
		return RawClient.to(port());
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public LiveSessions sessions() {
		return bean(LiveSessions.class);
	}

	/** Changes properties as a refresh of Spring Cloud does. */
	public void refresh(Map<String, Object> properties) {
		this.context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("refreshed", new LinkedHashMap<>(properties)));
		this.context.publishEvent(new EnvironmentChangeEvent(this.context, properties.keySet()));
	}

	/** Waits until each session has ended, and its listeners have been called. */
	public void awaitNoSessions() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(2))
			.until(() -> sessions().unfinished() == 0);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	/**
	 * Builds gateways.
	 */
	public static final class Builder {

		private final List<Class<?>> sources = new ArrayList<>(List.of(Application.class));

		private final Map<String, Object> properties = new LinkedHashMap<>();

		private int loops = 2;

		private int routes;

		private Builder(Class<?>... configuration) {
			this.sources.addAll(List.of(configuration));
			set("server.port", 0);
			set("spring.main.banner-mode", "off");
			set("logging.level.root", "WARN");
			set("ws-policy.log-sessions", false);
			set("logging.level.dev.wspolicy.gateway.WsPolicyRoutingFilter", "ERROR");
			set("logging.level.reactor.netty", "ERROR");
			set("logging.level.org.hibernate.validator", "ERROR");
		}

		public Builder set(String property, Object value) {
			this.properties.put(property, value);
			return this;
		}

		/** Sets a property of a pipeline. */
		public Builder pipeline(String name, String property, Object value) {
			return set("ws-policy.pipelines." + name + "." + property, value);
		}

		/** Sets the number of event loops. */
		public Builder loops(int number) {
			this.loops = number;
			return this;
		}

		/** Adds a route for {@code /id/**}. */
		public Builder route(String id, URI uri, String... filters) {
			String route = "spring.cloud.gateway.server.webflux.routes[" + this.routes++ + "]";
			set(route + ".id", id).set(route + ".uri", uri).set(route + ".predicates[0]", "Path=/" + id + "/**");
			for (int i = 0; i < filters.length; i++) {
				set(route + ".filters[" + i + "]", filters[i]);
			}
			return this;
		}

		/** Lets clients use HTTP/2 as well. */
		public Builder http2() {
			return set("server.http2.enabled", true).set("ws-policy.http2.enabled", true);
		}

		/** Enables TLS for clients, and trusts upstreams with the same certificate. */
		public Builder tls(TestCertificates certificates) {
			set("spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates[0]",
					certificates.certificateFile().toUri());
			return set("server.ssl.bundle", "gateway")
				.set("spring.ssl.bundle.pem.gateway.keystore.certificate", certificates.certificateFile().toUri())
				.set("spring.ssl.bundle.pem.gateway.keystore.private-key", certificates.privateKeyFile().toUri());
		}

		public ProvedGateway start() {
			List<String> arguments = new ArrayList<>();
			this.properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			int loops = this.loops;
			resources.setLoopResourcesSupplier(() -> LoopResources.create("proved", 1, loops, true));
			resources.setShutdownQuietPeriod(Duration.ZERO);
			ApplicationContextInitializer<ConfigurableApplicationContext> ownLoops = (
					context) -> ((GenericApplicationContext) context).registerBean(ReactorResourceFactory.class,
							() -> resources);
			return new ProvedGateway(
					new SpringApplicationBuilder(this.sources.toArray(Class<?>[]::new)).web(WebApplicationType.REACTIVE)
						.initializers(ownLoops)
						.run(arguments.toArray(String[]::new)));
		}

	}

}
