package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@code ws-policy.http2.enabled}.
 */
class Http2ConfigurationTests extends AbstractConfigurationTests {

	@Test
	void requiresHttp2OfTheServer() {
		fails("ws-policy.http2.enabled=true").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.http2.enabled' is true",
					"'server.http2.enabled' is not");
			assertThat(analysis.getAction()).contains("Set 'server.http2.enabled' to true");
		});
	}

	@Test
	void isNotVerifiedWithoutWsPolicy() {
		this.runner.withPropertyValues("ws-policy.http2.enabled=true", "ws-policy.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("wsPolicyExtendedConnect"));
	}

	@Test
	void isOffByDefault() {
		this.runner.withPropertyValues("server.http2.enabled=true")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("wsPolicyExtendedConnect"));
	}

	@Test
	void isOnIfTheServerSpeaksHttp2() {
		this.runner.withPropertyValues("server.http2.enabled=true", "ws-policy.http2.enabled=true")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasBean("wsPolicyExtendedConnect")
				.hasBean("wsPolicyHttp2ServerCustomizer"));
	}

}
