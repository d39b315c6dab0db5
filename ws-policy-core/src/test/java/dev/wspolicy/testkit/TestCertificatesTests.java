package dev.wspolicy.testkit;

import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLContext;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link TestCertificates} in the hands of Spring Boot's SSL bundles.
 */
class TestCertificatesTests {

	private final TestCertificates certificates = TestCertificates.localhost();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void pemServesAnSslBundle(boolean files) {
		UnaryOperator<String> prefix = (path) -> "file:" + path;
		String certificate = files ? prefix.apply(this.certificates.certificateFile().toString())
				: this.certificates.certificatePem();
		String key = files ? prefix.apply(this.certificates.privateKeyFile().toString())
				: this.certificates.privateKeyPem();
		PemSslStoreDetails keyStore = PemSslStoreDetails.forCertificate(certificate).withPrivateKey(key);
		PemSslStoreDetails trustStore = PemSslStoreDetails.forCertificate(certificate);
		SSLContext server = context(new PemSslStoreBundle(keyStore, null));
		SSLContext client = context(new PemSslStoreBundle(null, trustStore));
		assertEcho(server, client);
		assertEcho(server, this.certificates.client());
		assertEcho(this.certificates.server(), client);
	}

	@Test
	void nobodyElseIsTrusted() {
		TestCertificates other = TestCertificates.create("dns:localhost");
		assertEcho(other.server(), other.client());
		try (RawUpstream upstream = RawUpstream.start(other.server())) {
			RawClient client = RawClient.to(upstream.port()).tls(this.certificates.client());
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(client::open)
				.withMessageContaining("PKIX path ");
		}
	}

	private static SSLContext context(SslStoreBundle stores) {
		return SslBundle.of(stores).createSslContext();
	}

	private static void assertEcho(SSLContext server, SSLContext client) {
		try (RawUpstream upstream = RawUpstream.start(server);
				RawSession session = RawSession.open(RawClient.to(upstream.port()).tls(client), upstream)) {
			session.client().send(WireFrame.text("Hello").masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.text("Hello").masked());
		}
	}

}
