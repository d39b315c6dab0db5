package dev.wspolicy.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;

/**
 * A gateway as users run it, on a random port, which takes the principal from a header.
 * Only its patience is greater: the machine may be busy with other tests.
 */
final class FleetApplication implements AutoCloseable {

	private static final HttpClient HTTP = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext context;

	private final RawUpstream upstream = RawUpstream.start();

	/** The garbage collector would close the sockets of others. */
	private final Queue<RawSession> opened = new ConcurrentLinkedQueue<>();

	private FleetApplication(String name, int redis, Map<String, Object> properties) {
		Map<String, Object> all = GatewayProcess.properties(name, redis, this.upstream.uri());
		all.put("spring.data.redis.timeout", "20s");
		all.put("ws-policy.fleet.lease", "1m");
		all.put("ws-policy.fleet.timeout", "20s");
		all.put("ws-policy.pipelines.default.session.close-timeout", "200ms");
		all.putAll(properties);
		List<String> arguments = new ArrayList<>();
		all.forEach((property, value) -> arguments.add("--" + property + "=" + value));
		this.context = new SpringApplicationBuilder(GatewayProcess.Application.class, Patience.class)
			.web(WebApplicationType.REACTIVE)
			.run(arguments.toArray(new String[0]));
	}

	static FleetApplication start(String name, int redis) {
		return start(name, redis, Map.of());
	}

	static FleetApplication start(String name, int redis, Map<String, Object> properties) {
		return new FleetApplication(name, redis, properties);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	int sessions() {
		return bean(SessionRegistry.class).size();
	}

	RawClient client(@Nullable String user) {
		RawClient client = RawClient.to(port()).path("/chat");
		return (user != null) ? client.header("X-User", user) : client;
	}

	RawSession open(@Nullable String user) {
		return open(user, ClientLeg.HTTP_1_1);
	}

	RawSession open(@Nullable String user, ClientLeg leg) {
		RawSession session = RawSession.open(client(user).over(leg), this.upstream);
		this.opened.add(session);
		return session;
	}

	int port() {
		return ((WebServerApplicationContext) this.context).getWebServer().getPort();
	}

	/** Calls an actuator endpoint. */
	Answer call(String method, String path, @Nullable String body) {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create("http://localhost:" + port() + "/actuator" + path))
			.header("Content-Type", "application/json")
			.method(method, (body != null) ? BodyPublishers.ofString(body) : BodyPublishers.noBody());
		try {
			HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	Answer get(String path) {
		return call("GET", path, null);
	}

	@Override
	public void close() {
		this.context.close();
		this.opened.forEach(RawSession::close);
		this.upstream.close();
	}

	record Answer(int status, String body) {

		JsonNode json() {
			return JsonMapper.shared().readTree(this.body);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Patience {

		@Bean
		FleetTimeouts timeouts() {
			return RedisMember.TIMEOUTS;
		}

	}

}
