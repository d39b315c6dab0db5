package dev.wspolicy.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.TestCertificates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for HTTP/2 clients of a gateway that supports HTTP/2.
 */
class Http2ClientTests {

	@Test
	void webSocketRouteRequiresAnUpgrade() throws Exception {
		TestCertificates certificates = TestCertificates.localhost();
		try (RawUpstream upstream = RawUpstream.start();
				TestGateway gateway = TestGateway.with()
					.set("server.ssl.bundle", "gateway")
					.set("server.http2.enabled", "true")
					.set("spring.ssl.bundle.pem.gateway.keystore.certificate", certificates.certificateFile().toUri())
					.set("spring.ssl.bundle.pem.gateway.keystore.private-key", certificates.privateKeyFile().toUri())
					.route("ws", upstream.uri())
					.route("http", "http://localhost:" + upstream.port())
					.start()) {
			HttpClient client = HttpClient.newBuilder().sslContext(certificates.client()).build();
			HttpResponse<String> refused = client.send(request(gateway, "/ws"), BodyHandlers.ofString());
			assertThat(refused.version()).isEqualTo(Version.HTTP_2);
			assertThat(refused.statusCode()).isEqualTo(426);
			assertThat(refused.headers().firstValue("Sec-WebSocket-Version")).hasValue("13");
			// Connection-specific header fields are not allowed in HTTP/2 (RFC 9113,
			// section 8.2.2)
			assertThat(refused.headers().map()).doesNotContainKeys("connection", "upgrade");
			assertThat(upstream.acceptedConnections()).isZero();
			// The same connection still serves other requests
			upstream.serve((handshake) -> handshake.refuse(200, "hello"));
			HttpResponse<String> answered = client.send(request(gateway, "/http"), BodyHandlers.ofString());
			assertThat(answered.version()).isEqualTo(Version.HTTP_2);
			assertThat(answered.body()).isEqualTo("hello");
		}
	}

	private static HttpRequest request(TestGateway gateway, String path) {
		return HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port() + path)).build();
	}

}
