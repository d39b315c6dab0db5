package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The JSON Schema accepts what starts a gateway, and rejects misspelled keys and values
 * of the wrong kind.
 */
class ConfigurationSchemaTests {

	static Stream<YamlBlockTests.Example> good() {
		return YamlBlockTests.good();
	}

	@Test
	void isValid() {
		assertThat(ConfigurationSchema.errorsOfSchema()).isEmpty();
	}

	@Test
	void theCopyInTheDocumentationIsThatOfTheJar() throws IOException {
		assertThat(Files.readString(Page.ROOT.resolve("docs/ws-policy.schema.json")))
			.as("copy ws-policy-autoconfigure/target/classes/META-INF/ws-policy.schema.json to docs")
			.isEqualTo(ConfigurationSchema.TEXT);
	}

	@ParameterizedTest
	@MethodSource("good")
	void acceptsTheDocumentation(YamlBlockTests.Example example) {
		assertThat(ConfigurationSchema.errors(example.yaml().text())).as(example.toString()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "demo-app/src/main/resources/application.yml",
			"demo-app/src/main/resources/application-fleet.yml",
			"benchmarks/src/main/resources/built-in-policies.yml" })
	void acceptsApplications(String file) throws IOException {
		assertThat(ConfigurationSchema.errors(Files.readString(Page.ROOT.resolve(file)))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{ limits: { inbound-message: 65536, fragments: 8 } }",
			"{ limits.inbound-message: 64KB, session.heartbeat.interval: 30s }",
			"{ session: { idle-timeout: PT10M, max-duration: 1000, close-timeout: '${close:5s}' } }",
			"{ enabled: '${chat.enabled}', apply-to-live: on }", "{ masking: REMASK, validate-utf8: WhenRead }",
			"{ on-loss: { upstream: 1012, client: abort } }", "{ inbound: 'deny-nul,frame-log', outbound: null }",
			"{ inbound: [ deny-nul, mask-card-numbers, { max-length: { characters: 200 } }, { frame-log: null } ] }",
			"{ inbound: [ { rate-limit: { frames: '${rate}', on-exceed: THROTTLE } } ] }",
			"{ inbound: [ { allowed-types: { types: 'text, binary', on-violation: drop } } ] }",
			"{ inbound: [ { json-redact: { pointers: /card, framing: socket.io } } ] }",
			"{ inbound: [ { json-set: { values: [ { pointer: /trusted, json: false } ] } } ] }" })
	void acceptsAPipeline(String pipeline) {
		assertThat(ConfigurationSchema.errors("ws-policy: { pipelines: { chat: " + pipeline + " } }")).isEmpty();
		assertThat(ConfigurationSchema.errors("ws-policy.pipelines.chat: " + pipeline)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			limit: { inbound-message: 64KB } | limit
			limits: { inbound-mesage: 64KB } | inbound-mesage
			limits: { inbound-message: 64kb } | inbound-message
			limits: { inbound-message: true } | inbound-message
			limits: 64KB | limits
			limits.inbound-message: [ 1 ] | inbound-message
			session: { idle-timeout: 10 minutes } | idle-timeout
			session: { heartbeat: 30s } | heartbeat
			compression: { level: high } | level
			enabled: maybe | enabled
			masking: none | masking
			content-type: [ text/plain ] | content-type
			inbound: { size-limit: { bytes: 1KB } } | inbound
			inbound: [ { deny-nul: { }, frame-log: { } } ] | inbound
			inbound: [ { rate-limit: { frame: 20 } } ] | rate-limit
			inbound: [ { rate-limit: { frames: many } } ] | rate-limit
			inbound: [ { rate-limit: { frames: 0 } } ] | rate-limit
			inbound: [ { rate-limit: { frames: 1, on-exceed: wait } } ] | rate-limit
			inbound: [ { allowed-types: { types: [ txt ] } } ] | allowed-types
			inbound: [ { allowed-types: { on-violation: drop } } ] | allowed-types
			inbound: [ { size-limit: { bytes: 1KB, on-violation: { action: ignore } } } ] | on-violation
			inbound: [ { frame-log: { sample: 1.5 } } ] | frame-log
			inbound: [ json-schema ] | inbound
			inbound: [ { allowed-origins: { origins: "*" } } ] | inbound
			inbound: [ session-limit ] | inbound
			upgrade: [ { rate-limit: { frames: 20 } } ] | upgrade
			upgrade: [ deny-nul ] | upgrade
			""")
	void rejectsAPipeline(String pipeline, String location) {
		assertThat(ConfigurationSchema.errors("ws-policy: { pipelines: { chat: { " + pipeline + " } } }")).isNotEmpty()
			.anySatisfy((error) -> assertThat(error).contains(location));
		assertThat(ConfigurationSchema.errors("ws-policy.pipelines.chat: { " + pipeline + " }")).isNotEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ws-policy: { pipeline: { } }", "ws-policy: { enabled: 3 }",
			"ws-policy: { drain: { window: 10 parsecs } }", "ws-policy.drain.code: going-away",
			"ws-policy: { fleet: { on-failure: panic } }", "ws-policy: { pipelines: [ chat ] }",
			"ws-policy.pipelines.chat.limits.inbound-message: 64kb" })
	void rejectsTheRest(String yaml) {
		assertThat(ConfigurationSchema.errors(yaml)).isNotEmpty();
	}

}
