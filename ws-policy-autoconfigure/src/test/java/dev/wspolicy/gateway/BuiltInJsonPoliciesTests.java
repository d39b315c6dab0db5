package dev.wspolicy.gateway;

import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.json.JsonMessagePolicy;
import dev.wspolicy.policy.json.JsonVerdict;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the built-in JSON policies, configured with properties only, and for a user's
 * policy on JSON.
 */
@ExtendWith(OutputCaptureExtension.class)
class BuiltInJsonPoliciesTests {

	private static final String REPLY = "{\"error\":\"{policy} {code} {reason}\"}";

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("schema", "inbound[0].json-schema.schema", "classpath:schemas/chat.json")
		.pipeline("schema", "outbound[0].json-schema.schema", "classpath:schemas/chat.json")
		.pipeline("schema", "outbound[0].json-schema.on-violation", "drop")
		.pipeline("reply", "inbound[0].json-schema.schema", "classpath:schemas/chat.json")
		.pipeline("reply", "inbound[0].json-schema.on-violation.action", "reply")
		.pipeline("reply", "inbound[0].json-schema.on-violation.message", REPLY)
		.pipeline("reply", "inbound[0].json-schema.on-invalid", "drop")
		.pipeline("redact", "outbound[0].json-redact.pointers", "/users/*/mail")
		.pipeline("redact", "outbound[0].json-redact.on-invalid", "forward")
		.pipeline("signalr", "outbound[0].json-redact.pointers", "/**/mail")
		.pipeline("signalr", "outbound[0].json-redact.patterns", "[0-9]{16}")
		.pipeline("signalr", "outbound[0].json-redact.framing", "records")
		.pipeline("signalr", "inbound[0].json-redact.pointers", "/*/token")
		.pipeline("signalr", "inbound[0].json-redact.framing", "socket.io")
		.pipeline("hostile", "inbound[0].json-schema.schema", "classpath:schemas/branching.json")
		.pipeline("set", "inbound[0].json-set.values[0].pointer", "/tenant")
		.pipeline("set", "inbound[0].json-set.values[0].value", "{header:X-Tenant}")
		.pipeline("set", "inbound[0].json-set.values[1].pointer", "/via")
		.pipeline("set", "inbound[0].json-set.values[1].json", "[1]")
		.pipeline("log", "inbound[0].frame-log.payload", "true")
		.pipeline("log", "inbound[0].frame-log.level", "warn")
		.pipeline("log", "inbound[0].frame-log.pointers", "/pin")
		.pipeline("log", "inbound[0].frame-log.patterns", "[0-9]{16}")
		.pipeline("typed", "inbound[0]", "upper-case")
		.routesByName("schema", "reply", "redact", "set", "log", "typed", "signalr", "hostile");

	@Test
	void jsonSchemaClosesNamingPlaceAndKeyword(CapturedOutput output) {
		try (RawSession session = open("schema")) {
			session.client().send(WireFrame.text("{ \"room\":\"lobby\" }").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("{ \"room\":\"lobby\" }");
			session.upstream().send(WireFrame.text("{}"), WireFrame.text("{\"room\":\"attic\"}"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("{\"room\":\"attic\"}");
			session.client().send(WireFrame.text("{\"room\":\"lobby\",\"age\":\"topsecret\"}").masked().fragments(2));
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1007);
			assertThat(close.closeReason()).isEqualTo("/age: type");
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
		assertThat(output).doesNotContain("topsecret");
	}

	@Test
	void jsonSchemaRepliesFromATemplate() {
		try (RawSession session = open("reply")) {
			session.client()
				.send(WireFrame.text("not json").masked(), WireFrame.text("{\"room\":5}").masked(),
						WireFrame.text("{\"room\":\"lobby\"}").masked());
			assertThat(session.client().receiveFrame().payloadAsText())
				.isEqualTo("{\"error\":\"json-schema 1007 /room: type\"}");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("{\"room\":\"lobby\"}");
		}
	}

	@Test
	void jsonRedact() {
		try (RawSession session = open("redact")) {
			session.upstream()
				.send(WireFrame.text("{\"users\":[{\"mail\":\"a@b\",\"n\":1.10}]}"), WireFrame.text("not json"));
			assertThat(session.client().receiveFrame().payloadAsText())
				.isEqualTo("{\"users\":[{\"mail\":\"***\",\"n\":1.10}]}");
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("not json");
		}
	}

	@Test
	void frameFormats() {
		try (RawSession session = open("signalr")) {
			session.upstream()
				.send(WireFrame.text(
						"{\"type\":6}\u001e{\"a\":[{\"mail\":\"x\"}],\"b\":\"\\u0034111111111111111\",\"c\":-0}\u001e"));
			assertThat(session.client().receiveFrame().payloadAsText())
				.isEqualTo("{\"type\":6}\u001e{\"a\":[{\"mail\":\"***\"}],\"b\":\"***\",\"c\":-0}\u001e");
			session.client().send(WireFrame.text("42[\"m\",{\"token\":1}]").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("42[\"m\",{\"token\":\"***\"}]");
			session.upstream().send(WireFrame.text("{\"mail\":1}"));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1007);
		}
	}

	/** Validation may take long without affecting the other direction. */
	@Test
	void slowValidationOnlyDelaysItsOwnDirection() {
		try (RawSession session = open("hostile")) {
			session.client().send(WireFrame.text("{\"a\":".repeat(60) + "1" + "}".repeat(60)).masked());
			session.upstream().send(WireFrame.text("still here"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("still here");
			WireFrame close = session.client().receiveFrame();
			assertThat(close.closeCode()).isEqualTo(1007);
			assertThat(close.closeReason()).isEqualTo("cannot be validated");
		}
	}

	@Test
	void jsonSet() {
		try (RawSession session = gateway.open(gateway.client().path("/set").header("X-Tenant", "acme"))) {
			session.client().send(WireFrame.text("{\"tenant\":\"spoof\"}").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText())
				.isEqualTo("{\"tenant\":\"acme\",\"via\":[1]}");
		}
	}

	@Test
	void frameLog(CapturedOutput output) {
		try (RawSession session = open("log")) {
			// A payload is withheld if a busy machine takes too long to redact it
			await().untilAsserted(() -> {
				session.client().send(WireFrame.text("{\"pin\":\"abcd\",\"card\":\"4111111111111111\"}").masked());
				assertThat(session.upstream().receiveFrame().payloadAsText()).contains("abcd", "4111111111111111");
				assertThat(output).contains("payload=\"{\\\"pin\\\":\\\"***\\\",\\\"card\\\":\\\"***\\\"}\"");
			});
		}
		assertThat(output).contains("WebSocket frame: session=")
			.contains("route=log pipeline=log principal=- direction=inbound type=text length=40")
			.doesNotContain("abcd")
			.doesNotContain("4111111111111111");
	}

	@Test
	void typedMessages() {
		try (RawSession session = open("typed")) {
			session.client().send(WireFrame.text("{\"text\":\"hi\"}").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("{\"text\":\"HI\"}");
			session.client().send(WireFrame.text("{\"text\":[]}").masked());
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(1007);
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
		}
	}

	private static RawSession open(String route) {
		return gateway.open(route);
	}

	record Chat(String text) {

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		FramePolicy upperCase(JsonMapper mapper) {
			return new JsonMessagePolicy<>(mapper, Chat.class) {

				@Override
				protected JsonVerdict<Chat> apply(Chat message, FrameContext context) {
					return JsonVerdict.replace(new Chat(message.text().toUpperCase(Locale.ROOT)));
				}

			};
		}

	}

}
