package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.TestCertificates;

import static org.awaitility.Awaitility.await;

/**
 * A gateway as users run it, on a port of its own, with one route per upstream.
 */
public final class TestGateway implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	/** What clients trust, if they have to speak TLS. */
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

	/** Asks the gateway below this path over HTTP. */
	public WebTestClient http(String path) {
		return WebTestClient.bindToServer(new JdkClientHttpConnector())
			.baseUrl("http://localhost:" + port() + path)
			.build();
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/** Sets properties and refreshes the environment as Spring Cloud does. */
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

	/** The only session, once it is open. */
	public ProxiedSession onlySession() {
		await().until(() -> sessions().size() == 1);
		return sessions().stream().findFirst().orElseThrow();
	}

	/** Waits until all that the sessions were made of is gone. */
	public void awaitNoSessions() {
		await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> sessions().size() == 0);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	public static final class Builder {

		private final List<Class<?>> sources = new ArrayList<>(List.of(Application.class));

		private final Map<String, Object> properties = new LinkedHashMap<>();

		private final List<ApplicationContextInitializer<ConfigurableApplicationContext>> initializers = new ArrayList<>();

		private @Nullable SSLContext tls;

		private int routes;

		private Builder(Class<?>... configuration) {
			this.sources.addAll(List.of(configuration));
			set("server.port", 0);
			set("spring.main.banner-mode", "off");
			set("spring.reactor.netty.shutdown-quiet-period", "0s");
		}

		public Builder set(String property, Object value) {
			this.properties.put(property, value);
			return this;
		}

		/** A bean that the test has made itself. */
		public <T> Builder bean(Class<T> type, T bean) {
			this.initializers.add((context) -> ((GenericApplicationContext) context).registerBean(type, () -> bean));
			return this;
		}

		/** A route from {@code /id/**}. */
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

		/** Speaks TLS with clients, and shows them this certificate. */
		public Builder tls(TestCertificates certificates) {
			this.tls = certificates.client();
			return set("server.ssl.bundle", "gateway")
				.set("spring.ssl.bundle.pem.gateway.keystore.certificate", certificates.certificateFile().toUri())
				.set("spring.ssl.bundle.pem.gateway.keystore.private-key", certificates.privateKeyFile().toUri());
		}

		/** Believes upstreams that show one of these certificates, and no others. */
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
						.initializers(this.initializers.toArray(new ApplicationContextInitializer<?>[0]))
						.run(arguments.toArray(new String[0])),
					this.tls);
		}

	}

}
