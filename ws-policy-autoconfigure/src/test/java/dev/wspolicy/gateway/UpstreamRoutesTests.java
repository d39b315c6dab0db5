package dev.wspolicy.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the ways to reach upstreams: several instances, and a proxy that requires
 * authentication.
 */
@ExtendWith(OutputCaptureExtension.class)
class UpstreamRoutesTests {

	private static final List<RawUpstream> instances = new ArrayList<>();

	private static RawUpstream proxy;

	private static TestGateway gateway;

	@BeforeAll
	static void start() {
		proxy = RawUpstream.start();
		String client = "spring.cloud.gateway.server.webflux.httpclient.";
		TestGateway.Builder builder = TestGateway.with()
			.complete()
			.set(client + "proxy.host", "localhost")
			.set(client + "proxy.port", proxy.port())
			.set(client + "proxy.username", "gateway")
			.set(client + "proxy.password", "s3cret")
			.set(client + "proxy.non-proxy-hosts-pattern", "localhost|127\\..*")
			// This class blocks when it is initialized
			.set("spring.cloud.loadbalancer.eager-load.clients", "chat")
			.route("balanced", "lb:ws://chat")
			.route("proxied", "ws://far.example.com:8080");
		for (int i = 0; i < 3; i++) {
			instances.add(RawUpstream.start());
			builder.set("spring.cloud.discovery.client.simple.instances.chat[" + i + "].uri",
					"http://localhost:" + instances.get(i).port());
		}
		gateway = builder.start();
	}

	@AfterAll
	static void stop() {
		gateway.close();
		instances.forEach(RawUpstream::close);
		proxy.close();
	}

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
	}

	@Test
	void sessionsAreDistributedToInstances() {
		List<RawPeer> clients = new ArrayList<>();
		for (RawUpstream instance : instances) {
			instance.serve((handshake) -> {
				try (RawPeer peer = handshake.acceptWebSocket()) {
					peer.send(WireFrame.text("instance " + instances.indexOf(instance)));
					assertThat(peer.receiveFrame().payloadAsText()).isEqualTo("hello");
					peer.send(WireFrame.text("still instance " + instances.indexOf(instance)));
					assertThat(peer.receiveFrame().closeCode()).isEqualTo(1001);
				}
			});
		}
		for (int i = 0; i < 2 * instances.size(); i++) {
			clients.add(gateway.client().path("/balanced").connect());
		}
		List<String> answers = new ArrayList<>();
		for (RawPeer client : clients) {
			String instance = client.receiveFrame().payloadAsText();
			answers.add(instance);
			client.send(WireFrame.text("hello").masked());
			assertThat(client.receiveFrame().payloadAsText()).isEqualTo("still " + instance);
			client.close();
		}
		assertThat(answers).containsOnly("instance 0", "instance 1", "instance 2");
		assertThat(instances).allSatisfy((instance) -> {
			assertThat(instance.acceptedConnections()).isEqualTo(2);
			assertThat(instance.failures()).isEmpty();
		});
	}

	@Test
	void proxyGetsCredentials() {
		try (ClientHandshake client = gateway.client().path("/proxied").start()) {
			UpstreamHandshake connect = proxy.accept();
			assertThat(connect.requestLine()).isEqualTo("CONNECT far.example.com:8080 HTTP/1.1");
			assertThat(connect.headers().first("Proxy-Authorization")).isEqualTo(
					"Basic " + Base64.getEncoder().encodeToString("gateway:s3cret".getBytes(StandardCharsets.UTF_8)));
			UpstreamHandshake handshake = connect.tunnel();
			assertThat(handshake.requestLine()).isEqualTo("GET /proxied HTTP/1.1");
			// The password is only known to the gateway and the proxy
			assertThat(handshake.headers().first("Proxy-Authorization")).isNull();
			RawPeer upstream = handshake.acceptWebSocket();
			try (RawSession session = new RawSession(client.connected(), upstream)) {
				session.client().send(WireFrame.text("far").masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("far");
			}
		}
	}

	@Test
	void refusalByTheProxy(CapturedOutput output) {
		try (ClientHandshake client = gateway.client().path("/proxied").start()) {
			proxy.accept()
				.answer("HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
					.getBytes(StandardCharsets.UTF_8));
			RawResponse response = client.response();
			assertThat(response.status()).isEqualTo(502);
			// The proxy's challenge is not meant for the client
			assertThat(response.headers().first("Proxy-Authenticate")).isNull();
		}
		gateway.awaitNoSessions();
		// Logged once, on a single line
		assertThat(output.toString().lines().filter((line) -> line.matches(".* (WARN|ERROR) +\\[reactor-http.*")))
			.singleElement(InstanceOfAssertFactories.STRING)
			.contains("Route 'proxied': no WebSocket upstream at far.example.com:8080")
			.contains("407 Who are you?");
		assertThat(output).doesNotContain("\tat ");
	}

}
