package dev.wspolicy.test;

import java.security.cert.X509Certificate;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that tests make up look like those that a server has parsed.
 */
class MockUpgradeContextTests {

	@ParameterizedTest
	@ValueSource(strings = { "/chat", "/chat?room=a+b&room=c%20d", "/chat?flag&empty=&n%C3%A4me=%2B" })
	void queryIsReadAsByTheServer(String uri) {
		MockUpgradeContext upgrade = MockUpgradeContext.get(uri).build();
		assertThat(upgrade.queryParams())
			.isEqualTo(MockServerHttpRequest.method(HttpMethod.GET, upgrade.uri()).build().getQueryParams());
	}

	@ParameterizedTest
	@CsvSource({ "/, http://localhost/", "/chat?a=b, http://localhost/chat?a=b", "chat, http://localhost/chat",
			"?a=b, http://localhost/?a=b", "https://chat.example.com/x, https://chat.example.com/x" })
	void uriIsAbsolute(String uri, String absolute) {
		assertThat(MockUpgradeContext.get("/").uri(uri).build().uri()).hasToString(absolute);
	}

	@Test
	void tls() {
		SslInfo tls = new NoCertificates();
		assertThat(MockUpgradeContext.get("/").build().tls()).isNull();
		assertThat(MockUpgradeContext.get("/").tls(tls).build().tls()).isSameAs(tls);
	}

	private static final class NoCertificates implements SslInfo {

		@Override
		public @Nullable String getSessionId() {
			return null;
		}

		@Override
		public X509Certificate @Nullable [] getPeerCertificates() {
			return null;
		}

	}

}
