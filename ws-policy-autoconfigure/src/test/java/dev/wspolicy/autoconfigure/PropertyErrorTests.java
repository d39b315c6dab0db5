package dev.wspolicy.autoconfigure;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that unknown properties and invalid values make start-up fail with a helpful
 * report.
 */
class PropertyErrorTests extends AbstractConfigurationTests {

	@ParameterizedTest
	@ValueSource(
			strings = { "ws-policy.enable", "ws-policy.pipelines.chat.inbond", "ws-policy.pipelines.chat.limits.size",
					"ws-policy.pipelines.chat.session.timeout", "ws-policy.pipelines.chat.on-loss.both" })
	void unknownKey(String key) {
		fails(key + "=5").satisfies((analysis) -> assertThat(analysis.getDescription()).contains(key, "5"));
	}

	@ParameterizedTest
	@CsvSource({ "ws-policy.enable, ws-policy, enable, enabled, drain",
			"ws-policy.pipelines.chat.inbond, ws-policy.pipelines.chat, inbond, inbound, outbound",
			"ws-policy.pipelines.chat.limits.inbound-mesage, ws-policy.pipelines.chat.limits, inbound-mesage, inbound-message, fragments",
			"ws-policy.pipelines.chat.session.heartbeat.intervall, ws-policy.pipelines.chat.session.heartbeat, intervall, interval, timeout" })
	void unknownKeyIsExplained(String key, String parent, String unknown, String nearest, String other) {
		fails(key + "=5").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).startsWith("The property '" + key
					+ "' is set to \"5\", but there is no such property: '" + parent + "' has no '" + unknown + "'.");
			assertThat(analysis.getAction()).startsWith("Did you mean '" + nearest + "'? Known names: ")
				.contains(" " + other);
		});
	}

	@Test
	void unknownKeyBelowAValueIsExplained() {
		fails("ws-policy.log-sessions.format=x").satisfies((analysis) -> assertThat(analysis.getDescription())
			.contains("'ws-policy.log-sessions' has no 'format'"));
	}

	@ParameterizedTest
	@CsvSource({ "session.close-timeout,0s,PT0S", "session.verdict-timeout,-1s,PT-1S", "session.frame-timeout,0,PT0S",
			"session.handshake-timeout,0ms,PT0S", "session.frame-timeout,36501d,PT876024H",
			"session.max-duration,1000000d,PT24000000H", "session.heartbeat.interval,36501d,PT876024H",
			"limits.inbound-message,0B,0", "limits.inbound-frame,-5B,-5", "limits.outbound-message,-2KB,-2048",
			"limits.outbound-frame,0,0", "limits.fragments,0,0", "limits.fragments,-7,-7",
			"limits.inbound-fragments,0,0", "limits.outbound-fragments,-2,-2", "on-loss.client,1005,1005",
			"on-loss.upstream,999,999", "on-loss.upstream,1015,1015", "on-loss.client,5000,5000",
			"session.high-water-mark,0B,0", "session.low-water-mark,-1B,-1", "session.high-water-mark,4GB,4294967296",
			"session.low-water-mark,64KB,65536", "compression.window-bits,8,8", "compression.window-bits,16,16",
			"compression.mem-level,4,4", "compression.mem-level,10,10" })
	void valueOutOfRange(String key, String value, String shown) {
		fails("ws-policy.pipelines.chat." + key + "=" + value).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat." + key, shown);
			assertThat(analysis.getAction()).isNotBlank();
		});
	}

	@Test
	void jitterAsLongAsTheMaximumDuration() {
		fails("ws-policy.pipelines.default.session.max-duration-jitter=1h",
				"ws-policy.pipelines.chat.session.max-duration=1h")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.contains("'ws-policy.pipelines.chat.session.max-duration-jitter' is PT1H");
				assertThat(analysis.getAction()).contains("less than 'max-duration', which is PT1H");
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					ws-policy.pipelines.chat.session.heartbeat | 30s  | Did you mean 'ws-policy.pipelines.chat.session.heartbeat.interval'? Known names: interval, timeout.
					ws-policy.pipelines.chat.compression       | true | Did you mean 'ws-policy.pipelines.chat.compression.client'?
					ws-policy.pipelines.chat.limits            | 1MB  | Set one of the properties below it. Known names: fragments,
					ws-policy.pipelines.chat.session           | 10m  | idle-timeout, low-water-mark, max-duration
					ws-policy.pipelines.chat.on-loss           | 1011 | Known names: client, upstream.
					ws-policy.pipelines.chat                   | x    | Known names: apply-to-live,
					ws-policy.drain                            | 30s  | Did you mean 'ws-policy.drain.window'?
					ws-policy.query-token                      | true | Did you mean 'ws-policy.query-token.enabled'?
					ws-policy.pipelines.chat.inbound[0].shout  | loud | Known names: suffix, times.
					""")
	void valueForAGroup(String key, String value, String remedy) {
		fails(key + "=" + value).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).startsWith("The property '" + key + "' is set to \"" + value
					+ "\", but it is a group of properties and has no value of its own.");
			assertThat(analysis.getAction()).contains(remedy);
		});
	}

	@Test
	void lowWaterMarkAboveAnInheritedHighOne() {
		fails("ws-policy.pipelines.default.session.high-water-mark=20KB",
				"ws-policy.pipelines.default.session.low-water-mark=10KB",
				"ws-policy.pipelines.chat.session.low-water-mark=30KB")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.session.low-water-mark",
						"30720", "20480");
				assertThat(analysis.getAction()).contains("less than 'high-water-mark'");
			});
	}

	@Test
	void valueOutOfRangeIsAttributedToThePipelineThatSetsIt() {
		fails("ws-policy.pipelines.default.session.close-timeout=0s", "ws-policy.pipelines.a.enabled=true")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.default.session.close-timeout"));
	}

	@ParameterizedTest
	@CsvSource({ "session.close-timeout,soon", "limits.inbound-message,big", "masking,no", "enabled,perhaps",
			"on-loss.client,none" })
	void valueOfTheWrongType(String key, String value) {
		fails("ws-policy.pipelines.chat." + key + "=" + value).satisfies(
				(analysis) -> assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat." + key, value));
	}

	@Test
	void unknownNumberOfEventLoops() {
		fails("ws-policy.event-loops=many").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.event-loops", "many");
			assertThat(analysis.getAction()).contains("auto");
		});
	}

	@ParameterizedTest
	@CsvSource({ "pipelines.chat.masking, remaks", "event-loops, many",
			"pipelines.chat.inbound[0].rate-limit.on-exceed, x",
			"pipelines.chat.inbound[0].allowed-types.types, 'text, pang'" })
	void unknownValue(String key, String value) {
		fails("ws-policy." + key + "=" + value).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).startsWith(
					"The property 'ws-policy." + key + "' is set to \"" + value + "\", which is not among its values.");
			assertThat(analysis.getAction()).startsWith("Known values: ");
		});
	}

	@ParameterizedTest
	@CsvSource({ "event-loops, 1, which is not among its values", "event-loops, 5, which is not among its values",
			"pipelines.chat.masking, 0, which is not among its values",
			"pipelines.chat.inbound[0].deny-nul.mode, 1, which is not among its values",
			"pipelines.chat.inbound[0].allowed-types.types, 1, which is not among its values",
			"pipelines.chat.compression.level, 6.5, which is not a whole number",
			"pipelines.chat.upgrade[0].session-limit.max, 2.9, which is not a whole number",
			"pipelines.chat.upgrade[0].session-limit.opening-rate, 0.5, which is not a whole number",
			"pipelines.chat.upgrade[0].session-limit.opening-rate, 1.1e30, which is out of range",
			"pipelines.chat.limits.fragments, -1.1e30, which is out of range" })
	void numberThatWouldBeConvertedToAnotherValue(String key, BigDecimal number, String problem) {
		Number value = (number.scale() == 0) ? (Number) number.intValueExact() : number.doubleValue();
		assertThat(analyze(typed("ws-policy." + key, value)).getDescription())
			.startsWith("The property 'ws-policy." + key + "' is set to \"" + value + "\", " + problem);
	}

	@ParameterizedTest
	@CsvSource({ "compression.level, 99999999999", "limits.fragments, 99999999999999999999",
			"limits.inbound-message, 99999999999999999999", "session.close-timeout, 99999999999999999999" })
	void wholeNumberThatIsTooLarge(String key, BigInteger number) {
		Number value = (number.bitLength() < 64) ? (Number) number.longValueExact() : number;
		assertThat(analyze(typed("ws-policy.pipelines.chat." + key, value)).getDescription())
			.contains("ws-policy.pipelines.chat." + key, "\"" + number + "\"")
			.doesNotContain("whole number");
	}

	@Test
	void listOfWordsWithAGap() {
		fails("ws-policy.pipelines.chat.inbound[0].allowed-types.types[0]=text",
				"ws-policy.pipelines.chat.inbound[0].allowed-types.types[2]=binary")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("allowed-types.types[2]'", "has no entry [1]")
				.doesNotContain("is not among its values"));
	}

	@Test
	void decimalThatIsAWholeNumber() {
		typed("ws-policy.pipelines.chat.upgrade[0].session-limit.max", 2.0)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	/** As in YAML, the value is a number and not a text. */
	private ReactiveWebApplicationContextRunner typed(String property, Number value) {
		return this.runner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("typed", Map.of(property, value))));
	}

	@ParameterizedTest
	@ValueSource(strings = { "not a type", "text", "text/*", "/json", "text/pl ain" })
	void invalidContentType(String type) {
		fails("ws-policy.pipelines.chat.content-type=" + type).satisfies((analysis) -> {
			assertThat(analysis.getDescription())
				.isEqualTo("The property 'ws-policy.pipelines.chat.content-type' is '" + type + "'.");
			assertThat(analysis.getAction()).contains("application/json");
		});
	}

	@Test
	void nameOfTheGateway() {
		FailureAnalysis analysis = analyze(this.runner.withUserConfiguration(FleetApplication.class)
			.withPropertyValues("ws-policy.fleet.gateway=a b"));
		assertThat(analysis.getDescription()).isEqualTo("The property 'ws-policy.fleet.gateway' is 'a b'.");
		assertThat(analysis.getAction()).contains("1 to 64 letters");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1s", "61m" })
	void warmUpOutOfRange(String duration) {
		fails("ws-policy.warm-up=" + duration).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.warm-up'");
			assertThat(analysis.getAction()).contains("1 hour");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1s", "36501d" })
	void drainWindowOutOfRange(String window) {
		fails("ws-policy.drain.window=" + window)
			.satisfies((analysis) -> assertThat(analysis.getDescription()).contains("'ws-policy.drain.window'"));
	}

	@ParameterizedTest
	@CsvSource({ "frames, 0", "read-bytes, 0B", "read-bytes, 2GB", "inflated-bytes, -1B" })
	void turnWithoutABudget(String setting, String value) {
		fails("ws-policy.turn." + setting + "=" + value).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.turn." + setting + "'");
			assertThat(analysis.getAction()).contains("more than zero");
		});
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 999, 1004, 1005, 1006, 1015, 2999, 5000 })
	void invalidDrainCode(int code) {
		fails("ws-policy.drain.code=" + code).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.drain.code' is " + code);
			assertThat(analysis.getAction()).contains("1012");
		});
	}

	@ParameterizedTest
	@CsvSource({ "parameter, ''", "header, a b", "scheme, a b", "paths, /{a" })
	void settingsOfTheQueryToken(String setting, String value) {
		fails("ws-policy.query-token.enabled=true", "ws-policy.query-token." + setting + "=" + value)
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.startsWith("The property 'ws-policy.query-token." + setting + "'"));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(WsPolicyLocalFleetAutoConfiguration.class)
	static class FleetApplication {

	}

}
