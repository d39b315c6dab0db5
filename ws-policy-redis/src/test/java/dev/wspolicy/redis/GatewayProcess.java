package dev.wspolicy.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * A gateway as its users run it, in a process of its own. Takes the header {@code X-User}
 * for the principal.
 */
public final class GatewayProcess implements AutoCloseable {

	private static final String STARTED = "started on port ";

	private final Process process;

	private final BlockingQueue<Integer> port = new LinkedBlockingQueue<>();

	private GatewayProcess(Process process) {
		this.process = process;
		Thread reader = new Thread(this::read, "gateway-" + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * The properties of a gateway on a random port with a route for {@code /chat}, which
	 * waits longer for Redis than the default: the machine may be busy.
	 * @param name the name of the gateway
	 * @param redis the port of Redis
	 * @param upstream where the route leads to
	 */
	static Map<String, Object> properties(String name, int redis, URI upstream) {
		Map<String, Object> properties = new LinkedHashMap<>();
		properties.put("server.port", 0);
		properties.put("spring.main.banner-mode", "off");
		properties.put("spring.reactor.netty.shutdown-quiet-period", "0s");
		properties.put("spring.data.redis.port", redis);
		properties.put("ws-policy.fleet.gateway", name);
		properties.put("ws-policy.fleet.timeout", "2s");
		properties.put("management.endpoints.web.exposure.include", "*");
		properties.put("management.endpoints.access.default", "unrestricted");
		properties.put("management.endpoint.health.show-details", "always");
		properties.put("spring.cloud.gateway.server.webflux.routes[0].id", "chat");
		properties.put("spring.cloud.gateway.server.webflux.routes[0].uri", upstream);
		properties.put("spring.cloud.gateway.server.webflux.routes[0].predicates[0]", "Path=/chat/**");
		return properties;
	}

	/**
	 * Starts a process, and does not wait until it has started.
	 * @param properties the properties of the application
	 */
	static GatewayProcess start(Map<String, Object> properties) {
		return start(properties, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
	}

	/** Starts a process with these options of the JVM. */
	static GatewayProcess start(Map<String, Object> properties, String... options) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
		command.addAll(List.of(options));
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), GatewayProcess.class.getName()));
		properties.forEach((name, value) -> command.add("--" + name + "=" + value));
		try {
			return new GatewayProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void read() {
		try (BufferedReader output = new BufferedReader(
				new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				if (line.startsWith(STARTED)) {
					this.port.add(Integer.valueOf(line.substring(STARTED.length())));
				}
				else {
					System.out.println(this.process.pid() + ": " + line);
				}
			}
		}
		catch (IOException ex) {
			// The process has been killed.
		}
	}

	/** Returns the port, once the gateway has started. */
	int awaitPort() {
		try {
			Integer port = this.port.poll(60, TimeUnit.SECONDS);
			if (port == null) {
				throw new IllegalStateException("The gateway has not started");
			}
			return port;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Returns the processor time that its threads have used. */
	ProcessorTime processorTime() {
		return ProcessorTime.of(this.process.pid());
	}

	/** Ends the process at once, as {@code kill -9} does. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() {
		kill();
	}

	public static void main(String[] arguments) {
		ReactiveWebServerApplicationContext context = (ReactiveWebServerApplicationContext) new SpringApplicationBuilder(
				Application.class)
			.web(WebApplicationType.REACTIVE)
			.run(arguments);
		System.out.println(STARTED + context.getWebServer().getPort());
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		WebFilter principalOfTheHeader() {
			return (exchange, chain) -> {
				String user = exchange.getRequest().getHeaders().getFirst("X-User");
				return (user != null)
						? chain.filter(exchange.mutate().principal(Mono.just((Principal) () -> user)).build())
						: chain.filter(exchange);
			};
		}

	}

}
