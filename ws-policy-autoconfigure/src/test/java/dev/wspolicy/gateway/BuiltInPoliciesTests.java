package dev.wspolicy.gateway;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for the built-in policies, configured with properties only.
 */
@ExtendWith(OutputCaptureExtension.class)
class BuiltInPoliciesTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("types", "upgrade[0]", "refuse-loops")
		.pipeline("types", "inbound[0].allowed-types.types", "text")
		.pipeline("small", "inbound[0].size-limit.bytes", "8B")
		.pipeline("small", "outbound[0].size-limit.bytes", "8B")
		.pipeline("small", "outbound[0].size-limit.on-violation.action", "drop")
		.pipeline("nul", "inbound[0].deny-nul.on-violation.action", "reply")
		.pipeline("nul", "inbound[0].deny-nul.on-violation.message", "no NUL, please")
		.pipeline("pattern", "inbound[0].text-pattern.patterns", "(?i)secret")
		.pipeline("pattern", "outbound[0].text-pattern.patterns", "[0-9]{12}([0-9]{4})")
		.pipeline("pattern", "outbound[0].text-pattern.action", "mask")
		.pipeline("pattern", "outbound[0].text-pattern.replacement", "****$1")
		.pipeline("upgrade", "upgrade[0].allowed-origins.origins", "https://*.example.com")
		.pipeline("upgrade", "upgrade[1]", "refuseTeapots")
		.pipeline("upgrade", "upgrade[2].require-subprotocol.names", "chat")
		.pipeline("rate", "inbound[0].rate-limit.frames", "2")
		.pipeline("rate", "inbound[0].rate-limit.per", "200ms")
		.pipeline("rate", "inbound[0].rate-limit.on-exceed", "throttle")
		.pipeline("rate", "outbound[0].rate-limit.frames", "1")
		.pipeline("rate", "outbound[0].rate-limit.per", "1h")
		.pipeline("rate", "outbound[0].rate-limit.scope", "route")
		.pipeline("ends", "inbound[0].frame-log.types", "close")
		.pipeline("ends", "inbound[1].size-limit.text", "8B")
		.routesByName("ends", "rate", "types", "small", "nul", "pattern", "upgrade");

	@Test
	void allowedTypes() {
		try (RawSession session = gateway.open("types")) {
			session.client().send(WireFrame.text("x").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x");
			session.upstream().send(WireFrame.binary((byte) 1));
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.binary((byte) 1));
			session.client().send(WireFrame.binary((byte) 1, (byte) 2).masked().fin(false));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1003);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void sizeLimit() {
		try (RawSession session = gateway.open("small")) {
			session.upstream().send(WireFrame.text("123456789"), WireFrame.text("12345678"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("12345678");
			session.client().send(WireFrame.text("123456789").masked().fragments(3));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	@Test
	void messagesOfOtherTypesAreNotAssembled(CapturedOutput output) {
		try (RawSession session = gateway.open("ends")) {
			WireFrame first = WireFrame.binary((byte) 1).fin(false);
			session.client().send(first.masked());
			// The message would not be relayed before its end if a policy had to see it.
			assertThat(session.upstream().receiveFrame()).isEqualTo(first.masked());
			session.client().send(WireFrame.continuation("rest").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("rest");
			session.client().send(WireFrame.text("too much text").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1009);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			session.client().send(WireFrame.close(1009).masked());
		}
		assertThat(output).doesNotContain("type=binary");
	}

	@Test
	void denyNul() {
		try (RawSession session = gateway.open("nul")) {
			session.client().send(WireFrame.text("a\u0000b").masked(), WireFrame.text("c").masked());
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("no NUL, please");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("c");
		}
	}

	@Test
	void textPattern(CapturedOutput output) {
		try (RawSession session = gateway.open("pattern")) {
			session.upstream().send(WireFrame.text("card 4111111111111234"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("card ****1234");
			session.client().send(WireFrame.text("my Secret").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1008);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		assertThat(output).doesNotContain("my Secret");
	}

	@Test
	void rateLimitThrottlesWithoutLoss() {
		try (RawSession session = gateway.open("rate")) {
			long start = System.nanoTime();
			for (int i = 0; i < 8; i++) {
				session.client().send(WireFrame.text("m" + i).masked());
			}
			for (int i = 0; i < 8; i++) {
				assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("m" + i);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(500));
			session.upstream().send(WireFrame.text("one"), WireFrame.text("two"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("one");
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1008);
		}
	}

	@ParameterizedTest
	@CsvSource({ "https://evil.org, chat, 403", "https://a.example.com, teapot, 409",
			"https://a.example.com, other, 400" })
	void upgradePoliciesRunInTheOrderOfTheList(String origin, String subprotocol, int status) {
		assertThat(
				gateway.client().path("/upgrade").header("Origin", origin).subprotocol(subprotocol).exchange().status())
			.isEqualTo(status);
	}

	@Test
	void upgradePoliciesApplyToTheirPipelineOnly() {
		gateway.open(gateway.client().path("/types").header("Origin", "https://evil.org")).close();
		try (var handshake = gateway.client()
			.path("/upgrade")
			.header("Origin", "https://a.example.com")
			.subprotocol("chat")
			.start(); RawPeer server = gateway.upstream().accept().subprotocol("chat").acceptWebSocket()) {
			handshake.connected().send(WireFrame.text("x").masked());
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("x");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "types", "upgrade", "rate" })
	void annotatedUpgradePolicyAppliesToAllRoutesEvenIfListed(String route) {
		assertThat(gateway.client().path("/" + route).header("X-Loop", "1").exchange().status()).isEqualTo(508);
	}

	@Test
	void annotatedUpgradePolicyRunsFirstOnItsRoutes() {
		gateway.open(gateway.client().path("/types").header("X-Ghost", "1")).close();
		assertThat(gateway.client().path("/nul").header("X-Ghost", "1").header("X-Loop", "1").exchange().status())
			.isEqualTo(410);
	}

	@ParameterizedTest
	@CsvSource({ "inbound[0].size-limit.byte, 1, ws-policy.pipelines.x.inbound[0].size-limit.byte",
			"inbound[0].size-limit.bytes, many, ws-policy.pipelines.x.inbound[0].size-limit.bytes",
			"inbound[0].allowed-types.types, '', ws-policy.pipelines.x.inbound[0].allowed-types.types",
			"inbound[0].deny-nul.on-violation.code, 1005, ws-policy.pipelines.x.inbound[0].deny-nul",
			"inbound[0].text-pattern.patterns, '(', ws-policy.pipelines.x.inbound[0].text-pattern",
			"upgrade[0].allowed-origins.origins, '*', ws-policy.pipelines.x.upgrade[0].allowed-origins",
			"upgrade[0].allowed-origin.origins, '*', Did you mean 'allowed-origins'",
			"upgrade[0].refuse-teapots.x, 1, ws-policy.pipelines.x.upgrade[0]" })
	void invalidSettingsAreReported(String property, String value, String named, CapturedOutput output) {
		assertThat(catchThrowable(
				() -> TestGateway.with(Beans.class).set("ws-policy.pipelines.x." + property, value).start().close()))
			.isNotNull();
		assertThat(output).contains("APPLICATION FAILED TO START").contains(named);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		@Order(1)
		UpgradePolicy refuseTeapots() {
			return (upgrade) -> Mono.just(upgrade.offeredSubprotocols().contains("teapot")
					? UpgradeVerdict.refuse(HttpStatus.CONFLICT) : UpgradeVerdict.accept());
		}

		@Bean
		@WsPolicy
		@Order(2)
		UpgradePolicy refuseLoops() {
			return (upgrade) -> Mono.just(upgrade.headers().containsHeader("X-Loop")
					? UpgradeVerdict.refuse(HttpStatus.LOOP_DETECTED) : UpgradeVerdict.accept());
		}

		@Bean
		@WsPolicy(routes = "nu*")
		@Order(1)
		UpgradePolicy refuseGhosts() {
			return (upgrade) -> Mono.just(upgrade.headers().containsHeader("X-Ghost")
					? UpgradeVerdict.refuse(HttpStatus.GONE) : UpgradeVerdict.accept());
		}

	}

}
