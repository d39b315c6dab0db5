package dev.wspolicy.builtin.json;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.DefaultResourceLoader;

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonParts;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * JSON policies with messages that are crafted to be expensive.
 */
@Timeout(60)
class HostileJsonTests {

	private static final Verdict NO_JUDGEMENT = Verdict
		.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("cannot be validated"));

	@ParameterizedTest
	@ValueSource(strings = { "4", "6", "7", "2019-09", "2020-12" })
	void uniqueItemsWithCollidingHashCodes(String draft) {
		StringBuilder json = new StringBuilder("[");
		for (int i = 0; i < 20_000; i++) {
			json.append((i > 0) ? "," : "").append("{\"").append(colliding(i, 15)).append("\":1}");
		}
		FramePolicy policy = schema("unique.json", draft, false, null);
		assertThat(judge(policy, json + "]", Effort.of(Duration.ofSeconds(30)))).isSameAs(Verdict.forward());
		assertThat(judge(policy, json + ",{\"" + colliding(7, 15) + "\":1.0}]", Effort.of(Duration.ofSeconds(30))))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("uniqueItems")));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			[1, 1.0]                                  | false
			[1, 10]                                   | true
			[0, -0.0]                                 | false
			[1e2, 100]                                | false
			["1", 1]                                  | true
			["a", "a"]                                | false
			["a\\u0062", "ab"]                        | false
			[{"a":1,"b":2}, {"b":2.0,"a":1}]          | false
			[{"a":1}, {"a":2}]                        | true
			[{"a":"b"}, {"ab":""}]                    | true
			[["a","b"], ["ab"], ["a",["b"]]]          | true
			[[1,1]]                                   | false
			[true, 1, "true", null, "null", {}, []]   | true
			[null, null]                              | false
			""")
	void uniqueItemsComparesByValue(String json, boolean unique) {
		Verdict verdict = settled(
				schema("unique.json", "2020-12", false, null).apply(TextFrame.of(json), Contexts.inbound()));
		assertThat(verdict == Verdict.forward()).isEqualTo(unique);
	}

	@Test
	void recursiveSchemaThatBranchesIsStopped() {
		FramePolicy policy = schema("branching.json", "2020-12", false, null);
		String json = "{\"a\":".repeat(60) + "1" + "}".repeat(60);
		assertThatExceptionOfType(EffortExceededException.class)
			.isThrownBy(() -> judge(policy, json, Effort.of(Duration.ofMillis(50))));
	}

	@Test
	void slowValidationLeavesTheEventLoopAndFails() {
		FramePolicy policy = schema("branching.json", "2020-12", false, null);
		String json = "{\"a\":".repeat(60) + "1" + "}".repeat(60);
		Verdict verdict = policy.apply(TextFrame.of(json), Contexts.inbound());
		assertThat(verdict).isInstanceOf(Verdict.Later.class);
		assertThat(settled(verdict)).isEqualTo(NO_JUDGEMENT);
	}

	@Test
	void endlessRecursionIsStopped() {
		assertThat(settled(schema("endless.json", "2020-12", false, null).apply(TextFrame.of("1"), Contexts.inbound())))
			.isEqualTo(NO_JUDGEMENT);
	}

	@ParameterizedTest
	@CsvSource({ "backtracking.json, JAVA, a", "wide.json, RE2, x" })
	void slowExpressionsAreStopped(String schema, JsonSchemaPolicy.Regex regex, String letter) {
		String json = "[\"" + letter.repeat(20_000) + "!\"]";
		assertThatExceptionOfType(EffortExceededException.class)
			.isThrownBy(() -> judge(schema(schema, "2020-12", false, regex), json, Effort.of(Duration.ofMillis(20))));
	}

	@ParameterizedTest
	@CsvSource({ "json-pointer, /a", "uri-template, a", "regex, (", "regex, a", "regex, ((a{9}){9})", "email, a",
			"hostname, a.", "idn-hostname, a.", "duration, P1D", "date-time, 1" })
	void formatsOfLongStringsAreNotChecked(String format, String part) {
		String json = "{\"" + format + "\":\"" + part.repeat(500_000 / part.length()) + "\"}";
		assertThat(settled(schema("formats.json", "2020-12", true, null).apply(TextFrame.of(json), Contexts.inbound())))
			.isEqualTo(NO_JUDGEMENT);
	}

	@Test
	void longUrisAreChecked() {
		String json = "{\"uri\":\"data:text/plain," + "a".repeat(500_000) + "\"}";
		assertThat(settled(schema("formats.json", "2020-12", true, null).apply(TextFrame.of(json), Contexts.inbound())))
			.isSameAs(Verdict.forward());
	}

	@Test
	void regexFormatDoesNotExpandRepetitions() {
		String json = "{\"regex\":\"" + "(".repeat(9) + "a" + "{999})".repeat(9) + "\"}";
		assertThat(settled(schema("formats.json", "2020-12", true, null).apply(TextFrame.of(json), Contexts.inbound())))
			.isSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			classpath:a.json                                   | true
			file:/etc/a.json                                   | true
			file:///etc/a.json                                 | true
			file://localhost/etc/a.json                        | true
			jar:file:/app.jar!/a.json                          | true
			jar:nested:/app.jar/!BOOT-INF/classes/!/a.json     | true
			http://example.com/a.json                          | false
			HTTPS://example.com/a.json                         | false
			jar:http://example.com/a.jar!/a.json               | false
			JAR:jar:http://example.com/a.jar!/b.jar!/a.json    | false
			war:https://example.com/a.war!/a.json              | false
			file://example.com/a.json                          | false
			file:////example.com/share/a.json                  | false
			ftp://example.com/a.json                           | false
			jar:file://example.com/a.jar!/a.json               | false
			a.json                                             | false
			""")
	void remoteLocations(String location, boolean local) {
		assertThat(SchemaReader.isLocal(location)).isEqualTo(local);
	}

	@Test
	void archivesOfOtherHostsAreNotFetched() {
		assertThatIllegalArgumentException().isThrownBy(() -> schema("archive.json", "2020-12", false, null))
			.withMessageContaining("jar:http://127.0.0.1:1/schemas.jar!/a.json")
			.withMessageContaining("remote-refs");
	}

	@Test
	void patternsWithQuadraticSearchAreStopped() {
		JsonRedactPolicy policy = new JsonRedactPolicy(new JsonRedactPolicy.Settings(List.of(), List.of("(?:a.*b)|a"),
				"***", Set.of(), JsonFraming.JSON, InvalidJsonSettings.of("close")));
		String json = "\"" + "a".repeat(30_000) + "\"";
		assertThatExceptionOfType(EffortExceededException.class)
			.isThrownBy(() -> judge(policy, json, Effort.of(Duration.ofMillis(20))));
		assertThat(policy.exceeded(Contexts.inbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.POLICY_VIOLATION.withReason("cannot be searched")));
	}

	private static Verdict judge(FramePolicy policy, String json, Effort effort) {
		Frame frame = TextFrame.of(json);
		JsonParts parts = JsonFraming.JSON.of(frame, Contexts.inbound().direction());
		assertThat(parts).isNotNull();
		return ((JsonPolicy) policy).apply(parts, frame, Contexts.inbound(), effort);
	}

	/** Strings with the same hash code. */
	private static String colliding(int number, int bits) {
		StringBuilder text = new StringBuilder();
		for (int bit = 0; bit < bits; bit++) {
			text.append(((number >> bit & 1) == 0) ? "Aa" : "BB");
		}
		return text.toString();
	}

	private static Verdict settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later)
				? settled(later.verdict().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join()) : verdict;
	}

	private static FramePolicy schema(String name, String draft, boolean formats,
			JsonSchemaPolicy.@Nullable Regex regex) {
		return new JsonSchemaPolicy(
				new JsonSchemaPolicy.Settings("classpath:schemas/" + name, draft, formats, false, regex, Set.of(),
						JsonFraming.JSON, ViolationSettings.of("close"), InvalidJsonSettings.of("close")),
				new DefaultResourceLoader());
	}

}
