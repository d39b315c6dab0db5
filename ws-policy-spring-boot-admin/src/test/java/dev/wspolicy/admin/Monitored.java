package dev.wspolicy.admin;

import java.util.LinkedHashMap;
import java.util.Map;

import de.codecentric.boot.admin.server.config.EnableAdminServer;
import de.codecentric.boot.admin.server.domain.values.Registration;
import de.codecentric.boot.admin.server.services.InstanceRegistry;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * A Spring Boot Admin server and the applications that it monitors, all in this process.
 */
final class Monitored implements AutoCloseable {

	private final ConfigurableApplicationContext server;

	private final Map<String, ConfigurableApplicationContext> gateways = new LinkedHashMap<>();

	Monitored() {
		this.server = new SpringApplicationBuilder(AdminServer.class).properties("spring.config.name=admin").run();
	}

	/** Starts a gateway, and registers it as its own client of the server would. */
	String gateway(String name, Map<String, String> metadata, String... properties) {
		ConfigurableApplicationContext gateway = new SpringApplicationBuilder(Gateway.class)
			.properties("spring.config.name=gateway")
			.properties(properties)
			.run();
		this.gateways.put(name, gateway);
		return register(name, gateway, metadata);
	}

	/** Registers the server with itself: an application without sessions. */
	String server() {
		return register("server", this.server, Map.of());
	}

	private String register(String name, ConfigurableApplicationContext application, Map<String, String> metadata) {
		return register(name, url(application), metadata);
	}

	/** Registers an application that runs elsewhere. */
	String register(String name, String url, Map<String, String> metadata) {
		Registration registration = Registration.create(name, url + "/actuator/health")
			.managementUrl(url + "/actuator")
			.serviceUrl(url)
			.source("test")
			.metadata(metadata)
			.build();
		return this.server.getBean(InstanceRegistry.class).register(registration).block().getValue();
	}

	/** Returns where a browser finds the pages of an instance. */
	String pages(String instance) {
		return url(this.server) + "/instances/" + instance;
	}

	ConfigurableApplicationContext context(String gateway) {
		return this.gateways.get(gateway);
	}

	String address(String gateway) {
		return url(context(gateway)).replace("http:", "ws:");
	}

	private static String url(ConfigurableApplicationContext application) {
		return "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
	}

	@Override
	public void close() {
		this.server.close();
		this.gateways.values().forEach(ConfigurableApplicationContext::close);
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	@EnableAdminServer
	static class AdminServer {

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Gateway {

		/** Names the principal after {@code ?user=}, without any proof. */
		@Bean
		WebFilter principal() {
			return (exchange, chain) -> {
				String user = exchange.getRequest().getQueryParams().getFirst("user");
				return chain
					.filter((user != null) ? exchange.mutate().principal(Mono.just(() -> user)).build() : exchange);
			};
		}

	}

}
