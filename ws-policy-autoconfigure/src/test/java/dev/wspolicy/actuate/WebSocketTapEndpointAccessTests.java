package dev.wspolicy.actuate;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for access to the tap endpoint and to payloads.
 */
class WebSocketTapEndpointAccessTests {

	@AutoClose
	private final RawUpstream upstream = RawUpstream.start();

	private TestGateway.Builder exposed() {
		return TestGateway.with(HeaderAuthentication.class)
			.complete()
			.route("chat", this.upstream.uri())
			.set("management.endpoints.web.exposure.include", "*")
			.set("management.endpoint.websockettap.access", "read-only")
			.set("ws-policy.pipelines.default.session.close-timeout", "1s");
	}

	@ParameterizedTest
	@CsvSource({ "management.endpoint.websockettap.access, none", "management.endpoint.websockettap.access, ''",
			"management.endpoints.web.exposure.exclude, websockettap" })
	void isAbsentByDefault(String property, String value) {
		try (TestGateway gateway = exposed().set(property, value).start()) {
			gateway.http("/actuator").get().uri("/websockettap").exchange().expectStatus().isNotFound();
		}
	}

	@Test
	void payloadsAreHiddenByDefault() {
		try (TestGateway gateway = exposed().start()) {
			assertThat(shown(gateway, "ops")).isEqualTo("******");
		}
	}

	@Test
	void payloadsAreShownToAuthorizedUsers() {
		try (TestGateway gateway = exposed().set("management.endpoint.websockettap.show-values", "when-authorized")
			.set("management.endpoint.websockettap.roles", "OPS")
			.start()) {
			assertThat(shown(gateway, null)).isEqualTo("******");
			assertThat(shown(gateway, "ann")).isEqualTo("******");
			assertThat(shown(gateway, "ops")).isEqualTo("{\"card\":\"4111\"}");
		}
	}

	@Test
	void configuredRedactionAlwaysApplies() {
		try (TestGateway gateway = exposed().set("management.endpoint.websockettap.show-values", "always")
			.set("management.endpoint.websockettap.pointers", "/card")
			.start()) {
			assertThat(shown(gateway, null)).asString().contains("card").doesNotContain("4111");
		}
	}

	@Test
	void defaultsDoNotExceedTheMaximum() {
		try (TestGateway gateway = exposed().set("management.endpoint.websockettap.show-values", "always")
			.set("management.endpoint.websockettap.max-bytes", "6B")
			.set("management.endpoint.websockettap.max-rate", "2")
			.set("management.endpoint.websockettap.max-duration", "50s")
			.start()) {
			assertThat(shown(gateway, null)).isEqualTo("{\"card");
		}
	}

	@ParameterizedTest
	@CsvSource({ "max-duration, 0s", "max-rate, 0", "max-bytes, 2MB", "max-bytes, -1B", "pointers, card" })
	void invalidSettingsFailStartUp(String key, String value) {
		TestGateway.Builder builder = exposed().set("management.endpoint.websockettap." + key, value);
		assertThatThrownBy(builder::start).hasStackTraceContaining("management.endpoint.websockettap");
	}

	@Test
	void shutdownEndsTaps() {
		TestGateway gateway = exposed().start();
		try (TapWatcher tap = TapWatcher.watch(gateway, "", null)) {
			gateway.close();
			tap.expectEnd("shutdown");
		}
	}

	/** Return the payload as a user sees it. */
	private Object shown(TestGateway gateway, @Nullable String user) {
		try (RawSession session = RawSession.open(gateway.client().path("/chat"), this.upstream)) {
			gateway.onlySession();
			try (TapWatcher tap = TapWatcher.watch(gateway, "", user)) {
				session.client().send(WireFrame.text("{\"card\":\"4111\"}").masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("{\"card\":\"4111\"}");
				return tap.frame().get("payload");
			}
		}
		finally {
			gateway.awaitNoSessions();
		}
	}

}
