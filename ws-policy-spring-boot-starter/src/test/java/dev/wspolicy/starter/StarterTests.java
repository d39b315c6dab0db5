package dev.wspolicy.starter;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.ClassUtils;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts a gateway that has nothing but the starter on its class path. The starter does
 * not bring the actuator.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.cloud.gateway.server.webflux.routes[0].id=echo",
				"spring.cloud.gateway.server.webflux.routes[0].uri=ws://localhost:${upstream.port}",
				"spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/echo",
				"spring.cloud.gateway.server.webflux.routes[0].filters[0]=WsPolicy=echo",
				"ws-policy.pipelines.echo.inbound[0].size-limit.bytes=8B",
				"ws-policy.pipelines.echo.inbound[0].size-limit.on-violation.action=reply",
				"ws-policy.pipelines.echo.inbound[0].size-limit.on-violation.message=too long" })
class StarterTests {

	private static final DisposableServer UPSTREAM = HttpServer.create()
		.host("localhost")
		.port(0)
		.route((routes) -> routes.ws("/echo", (in, out) -> out.sendString(in.receive().asString())))
		.bindNow();

	@LocalServerPort
	private int port;

	@DynamicPropertySource
	static void upstream(DynamicPropertyRegistry properties) {
		properties.add("upstream.port", UPSTREAM::port);
	}

	@AfterAll
	static void stopUpstream() {
		UPSTREAM.disposeNow();
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
			"org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration",
			"org.springframework.boot.health.contributor.HealthIndicator",
			"io.micrometer.core.instrument.MeterRegistry" })
	void actuatorIsNotOnTheClassPath(String name) {
		assertThat(ClassUtils.isPresent(name, getClass().getClassLoader())).isFalse();
	}

	@Test
	void framesPassThroughPoliciesOfBothKinds() throws Exception {
		assertThat(exchange("hello")).isEqualTo("HELLO");
		assertThat(exchange("hello, everybody")).isEqualTo("too long");
	}

	private String exchange(String text) throws Exception {
		FirstText answer = new FirstText();
		WebSocket socket = HttpClient.newHttpClient()
			.newWebSocketBuilder()
			.buildAsync(URI.create("ws://localhost:" + this.port + "/echo"), answer)
			.get(1, TimeUnit.MINUTES);
		try {
			socket.sendText(text, true).get(1, TimeUnit.MINUTES);
			return answer.text.get(1, TimeUnit.MINUTES);
		}
		finally {
			socket.abort();
		}
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Gateway {

		@Bean
		@WsPolicy(direction = Direction.OUTBOUND, routes = "echo")
		TextPolicy upperCase() {
			return (text, context) -> Verdict.replaceText(text.toUpperCase(Locale.ROOT));
		}

	}

	private static final class FirstText implements WebSocket.Listener {

		private final StringBuilder received = new StringBuilder();

		private final CompletableFuture<String> text = new CompletableFuture<>();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.received.append(data);
			if (last) {
				this.text.complete(this.received.toString());
			}
			socket.request(1);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			this.text.completeExceptionally(error);
		}

	}

}
