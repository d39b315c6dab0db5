package dev.wspolicy.policies.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.http.HttpHeaders;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policies.Contexts;
import dev.wspolicy.policies.OnViolation;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The policies on JSON messages, without a session.
 */
class JsonPoliciesTests {

	private static final OnViolation CLOSE = OnViolation.of("close");

	private static final OnInvalid INVALID = OnInvalid.of("close");

	@Test
	void tenPoliciesParseOnce() {
		Payload text = Mockito.spy(TextFrame.of("{\"room\":\"lobby\"}").source());
		List<PolicyBinding> bindings = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			bindings.add(PolicyBinding.of("schema" + i, schema("chat.json", "2020-12", false, null)));
			bindings.add(PolicyBinding.of("redact" + i, redact("/none", INVALID)));
		}
		Frame frame = Frame.of(FrameType.TEXT, true, text);
		assertThat(run(bindings, frame)).isSameAs(Verdict.forward());
		Mockito.verify(text, Mockito.times(1)).text();
		Mockito.verify(text, Mockito.never()).bytes();
	}

	@Test
	void whatOnePolicyChangesTheNextOneSees() {
		AtomicInteger writes = new AtomicInteger();
		Verdict first = run(List.of(PolicyBinding.of("redact", redact("/a", INVALID))), text("{\"a\":1,\"b\":2}"));
		Frame changed = frame(first);
		Payload counted = Mockito.mock(Payload.class, (call) -> {
			writes.incrementAndGet();
			return call.getMethod().invoke(changed.source(), call.getArguments());
		});
		assertThat(counted.text()).isEqualTo("{\"a\":\"***\",\"b\":2}");
		Verdict second = run(List.of(PolicyBinding.of("redact", redact("/b", INVALID))), changed);
		assertThat(text(second)).isEqualTo("{\"a\":\"***\",\"b\":\"***\"}");
		assertThat(writes).hasValue(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"room":"lobby"}                                              |
			{"room":"lobby","author":{"name":"alice"},"age":7}            |
			{}                                                            | required
			[]                                                            | type
			{"room":5}                                                    | /room: type
			{"room":"SECRET"}                                             | /room: pattern
			{"room":"lobby","author":{"name":"verylongsecret"}}           | /author/name: maxLength
			{"room":"lobby","age":1.5}                                    | /age: type
			{"room":"lobby","age":1e400}                                  | cannot be validated
			{"room":"lobby","replies":[{"room":"a"},{"room":"B"}]}        | /replies/1/room: pattern
			{"room":"lobby","kind":"a"}                                   |
			{"room":"lobby","kind":{"x":1}}                               |
			{"room":"lobby","mail":"nonsense"}                            |
			""")
	void schemaNamesThePlaceAndTheKeyword(String json, @Nullable String reason) {
		Verdict verdict = schema("chat.json", "2020-12", false, null).apply(text(json), Contexts.inbound());
		assertThat(verdict).isEqualTo(
				(reason != null) ? Verdict.close(CloseStatus.INVALID_PAYLOAD.withReason(reason), CloseStatus.GOING_AWAY)
						: Verdict.forward());
	}

	@Test
	void schemaOfSeveralKinds() {
		Verdict verdict = schema("chat.json", "2020-12", false, null).apply(text("{\"room\":\"lobby\",\"kind\":\"b\"}"),
				Contexts.inbound());
		assertThat(verdict).isInstanceOfSatisfying(Verdict.Close.class,
				(close) -> assertThat(close.toClient().reason()).startsWith("/kind: ").doesNotContain("\"b\""));
	}

	@Test
	void schemaChecksFormatsIfAsked() {
		Verdict verdict = schema("chat.json", "2020-12", true, null)
			.apply(text("{\"room\":\"lobby\",\"mail\":\"nonsense\"}"), Contexts.inbound());
		assertThat(verdict)
			.isEqualTo(Verdict.close(CloseStatus.INVALID_PAYLOAD.withReason("/mail: format"), CloseStatus.GOING_AWAY));
	}

	@Test
	void schemaBearsDeepMessages() {
		String deep = "{\"room\":\"a\",\"replies\":[".repeat(200) + "]}".repeat(200);
		assertThat(schema("chat.json", "2020-12", false, null).apply(text(deep), Contexts.inbound()))
			.isSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "[1e1000000]", "[1e-1000000]", "[-9.9e999999999]", "[[{\"a\":1e6000}]]" })
	void schemaDoesNotComputeWithNumbersThatTakeForEver(String numbers) {
		assertThat(schema("prices.json", "2020-12", false, null).apply(text(numbers), Contexts.inbound())).isEqualTo(
				Verdict.close(CloseStatus.INVALID_PAYLOAD.withReason("cannot be validated"), CloseStatus.GOING_AWAY));
	}

	@Test
	void schemaDoesNotComputeWithManyLargeNumbers() {
		FramePolicy policy = schema("prices.json", "2020-12", false, null);
		assertThat(policy.apply(text("[1e300,0.01" + ",123.45".repeat(10_000) + "]"), Contexts.inbound()))
			.isSameAs(Verdict.forward());
		assertThat(policy.apply(text("[1e300" + ",1e300".repeat(100) + "]"), Contexts.inbound()))
			.isNotSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "4", "6", "7", "2019-09", "2020-12" })
	void schemaKnowsTheDrafts(String draft) {
		FramePolicy policy = schema("author.json", draft, false, null);
		assertThat(policy.apply(text("{\"name\":\"alice\"}"), Contexts.inbound())).isSameAs(Verdict.forward());
		assertThat(policy.apply(text("{\"name\":5}"), Contexts.inbound()))
			.isEqualTo(Verdict.close(CloseStatus.INVALID_PAYLOAD.withReason("/name: type"), CloseStatus.GOING_AWAY));
	}

	@Test
	void schemaTakesJavasExpressionsIfAsked() {
		FramePolicy policy = schema("lookahead.json", "7", false, JsonSchema.Regex.JAVA);
		assertThat(policy.apply(text("{\"a\":\"axe\"}"), Contexts.inbound())).isSameAs(Verdict.forward());
		assertThat(policy.apply(text("{\"a\":\"ace\"}"), Contexts.inbound())).isNotSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource({ "none.json, 7, cannot be read", "bad.json, 2020-12, /type", "bad.json, 4, /type",
			"remote.json, 7, https://example.com/a.json", "lookahead.json, 7, regex: java", "draft3.json, 7, draft-03",
			"dangling.json, 2020-12, none", "chat.json, 5, draft: '5'" })
	void schemasThatAreNone(String schema, String draft, String named) {
		assertThatIllegalArgumentException().isThrownBy(() -> schema(schema, draft, false, null))
			.withMessageContaining(named);
	}

	@Test
	void redactsBothTypes() {
		FramePolicy policy = redact("/users/*/mail", INVALID);
		String json = "{\"users\":[{\"mail\":\"a\",\"id\":1},{\"id\":2}]}";
		assertThat(text(policy.apply(text(json), Contexts.inbound())))
			.isEqualTo("{\"users\":[{\"mail\":\"***\",\"id\":1},{\"id\":2}]}");
		Frame binary = frame(policy.apply(BinaryFrame.of(json.getBytes(StandardCharsets.UTF_8)), Contexts.inbound()));
		assertThat(binary).isInstanceOf(BinaryFrame.class);
		assertThat(new String(binary.toByteArray(), StandardCharsets.UTF_8)).contains("***");
	}

	@Test
	void looksAtTheTypesItIsTold() {
		FramePolicy policy = new JsonRedact(
				new JsonRedact.Settings(List.of("/a"), "x", Set.of(FrameType.TEXT), INVALID));
		assertThat(policy.apply(BinaryFrame.of(new byte[] { 1 }), Contexts.inbound())).isSameAs(Verdict.forward());
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> new JsonRedact(new JsonRedact.Settings(List.of("/a"), "x", Set.of(FrameType.PING), INVALID)))
			.withMessageStartingWith("types: ");
	}

	@Test
	void whatIsNotJson() {
		assertThat(redact("/a", INVALID).apply(text("hi"), Contexts.outbound()))
			.isEqualTo(Verdict.close(CloseStatus.GOING_AWAY, CloseStatus.INVALID_PAYLOAD.withReason("not JSON")));
		assertThat(redact("/a", OnInvalid.of("drop")).apply(text("hi"), Contexts.outbound())).isEqualTo(Verdict.drop());
		assertThat(redact("/a", OnInvalid.of("forward")).apply(text("hi"), Contexts.outbound()))
			.isSameAs(Verdict.forward());
		OnInvalid reply = new OnInvalid(OnInvalid.Action.REPLY, null, "", "{policy}: {reason} ({code})");
		assertThat(redact("/a", reply).apply(text("hi"), Contexts.inbound())).isInstanceOfSatisfying(
				Verdict.Reply.class,
				(verdict) -> assertThat(verdict.frames()).singleElement()
					.extracting((frame) -> ((TextFrame) frame).text())
					.isEqualTo("json-redact: not JSON (1007)"));
	}

	@Test
	void setsWhatIsKnownOfTheSession() {
		HttpHeaders headers = new HttpHeaders();
		headers.set("X-Tenant", "acme");
		FramePolicy policy = set(value("/user", "{principal}"), value("/meta/tenant", "{header:X-Tenant}"),
				value("/meta/from", "{address} on {route}"), json("/v", "[1,2]"));
		assertThat(text(policy.apply(text("{\"user\":{\"name\":\"root\"},\"meta\":7}"), context(headers, "alice"))))
			.isEqualTo(
					"{\"user\":\"alice\",\"meta\":{\"tenant\":\"acme\",\"from\":\"127.0.0.1 on route\"},\"v\":[1,2]}");
	}

	@Test
	void setsNullForWhatIsNotKnown() {
		FramePolicy policy = set(value("/user", "u-{principal}"), value("/tenant", "{header:X-Tenant}"));
		assertThat(text(policy.apply(text("{\"user\":\"root\"}"), context(new HttpHeaders(), null))))
			.isEqualTo("{\"user\":null,\"tenant\":null}");
	}

	@Test
	void setsNothingWhereItIsAlready() {
		FramePolicy policy = set(value("/user", "alice"));
		assertThat(policy.apply(text("{ \"user\" : \"alice\" }"), Contexts.inbound())).isSameAs(Verdict.forward());
	}

	@Test
	void nothingCanBeSetInAScalar() {
		assertThat(set(value("/user", "alice")).apply(text("5"), Contexts.inbound()))
			.isEqualTo(Verdict.close(CloseStatus.INVALID_PAYLOAD.withReason("not JSON"), CloseStatus.GOING_AWAY));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{nobody}", "{header}", "{header:}", "{", "a}", "{{principal}}", "{query:x}" })
	void placeholdersThatAreNone(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> set(value("/a", text)))
			.withMessageStartingWith("values[0].value: '" + text + "'");
	}

	@Test
	void valuesThatAreNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> set(json("/a", "{")))
			.withMessageStartingWith("values[0].json: ");
		assertThatIllegalArgumentException().isThrownBy(() -> set(new JsonSet.Value("/a", "1", "1")))
			.withMessageContaining("not both");
		assertThatIllegalArgumentException().isThrownBy(() -> set(new JsonSet.Value("/a", null, null)))
			.withMessageContaining("a value or a json");
		assertThatIllegalArgumentException().isThrownBy(() -> set(value("a", "1")))
			.withMessageStartingWith("values[0].pointer: ");
	}

	private static FramePolicy schema(String name, String draft, boolean formats, JsonSchema.@Nullable Regex regex) {
		return new JsonSchema(new JsonSchema.Settings("classpath:schemas/" + name, draft, formats, false, regex,
				Set.of(), CLOSE, INVALID), new DefaultResourceLoader());
	}

	private static FramePolicy redact(String pointer, OnInvalid onInvalid) {
		return new JsonRedact(new JsonRedact.Settings(List.of(pointer), "***", Set.of(), onInvalid));
	}

	private static FramePolicy set(JsonSet.Value... values) {
		return new JsonSet(new JsonSet.Settings(List.of(values), Set.of(), INVALID));
	}

	private static JsonSet.Value value(String pointer, String value) {
		return new JsonSet.Value(pointer, value, null);
	}

	private static JsonSet.Value json(String pointer, String json) {
		return new JsonSet.Value(pointer, null, json);
	}

	private static FrameContext context(HttpHeaders headers, @Nullable String principal) {
		ProxiedSession session = Contexts.session(Contexts.upgrade(headers, List.of(), principal));
		BDDMockito.given(session.id()).willReturn("s1");
		return Contexts.frames(Direction.INBOUND, session);
	}

	private static @Nullable Verdict run(List<PolicyBinding> bindings, Frame frame) {
		return new FramePipeline(bindings).run(frame, frame.type(), new FramePipeline.Cursor(), Contexts.inbound(),
				new long[bindings.size()]);
	}

	private static Frame frame(@Nullable Verdict verdict) {
		assertThat(verdict).isInstanceOf(Verdict.Replace.class);
		return ((Verdict.Replace) verdict).frames().get(0);
	}

	private static String text(@Nullable Verdict verdict) {
		return ((TextFrame) frame(verdict)).text();
	}

	private static TextFrame text(String text) {
		return TextFrame.of(text);
	}

}
