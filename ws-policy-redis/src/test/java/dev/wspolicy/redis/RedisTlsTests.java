package dev.wspolicy.redis;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.TestCertificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two gateways whose Redis wants TLS and a client certificate, which Boot's SSL bundle
 * has.
 */
class RedisTlsTests {

	@Test
	void bundleOfBoot() {
		TestCertificates certificates = TestCertificates.localhost();
		String certificate = certificates.certificateFile().toString();
		String key = certificates.privateKeyFile().toString();
		int port = RedisProcess.freePort();
		Map<String, Object> properties = new HashMap<>();
		properties.put("spring.data.redis.ssl.bundle", "redis");
		properties.put("spring.ssl.bundle.pem.redis.truststore.certificate", "file:" + certificate);
		properties.put("spring.ssl.bundle.pem.redis.keystore.certificate", "file:" + certificate);
		properties.put("spring.ssl.bundle.pem.redis.keystore.private-key", "file:" + key);
		properties.put("ws-policy.pipelines.default.upgrade[0].session-limit.max", 1);
		properties.put("ws-policy.pipelines.default.upgrade[0].session-limit.scope", "principal");
		properties.put("ws-policy.pipelines.default.upgrade[0].session-limit.on-exceed", "close-oldest");
		try (RedisProcess redis = RedisProcess.start("--tls-port", "" + port, "--tls-cert-file", certificate,
				"--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "yes");
				FleetApplication one = FleetApplication.start("one", port, properties);
				FleetApplication two = FleetApplication.start("two", port, properties)) {
			one.open("ana");
			two.open("bob");
			await().until(() -> one.get("/websockets?fleet=true").json().path("total").asInt() == 2);
			assertThat(redis.command("KEYS *sessions*")).contains("sessions:one", "sessions:two");
			// Told on a connection of its own
			two.open("ana");
			await().until(() -> one.sessions() == 0);
			FleetApplication.Answer closed = one.call("DELETE", "/websockets?fleet=true&principal=bob", null);
			assertThat(closed.json().path("closed").asInt()).as(closed.body()).isEqualTo(1);
		}
	}

}
