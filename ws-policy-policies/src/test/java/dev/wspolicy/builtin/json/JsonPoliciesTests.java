package dev.wspolicy.builtin.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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

import dev.wspolicy.builtin.support.ViolationSettings;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonFraming;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.pipeline.FramePipeline;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The JSON policies, without a session.
 */
class JsonPoliciesTests {

	private static final ViolationSettings CLOSE = ViolationSettings.of("close");

	private static final InvalidJsonSettings INVALID = InvalidJsonSettings.of("close");

	@Test
	void tenPoliciesParseAMessageOnce() {
		Payload text = Mockito.spy(FrameAccess.payload(TextFrame.of("{\"room\":\"lobby\"}")));
		List<PolicyBinding> bindings = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			FramePolicy schema = schema("chat.json", "2020-12", false, null);
			// The evaluation may move to a worker thread on a busy machine
			bindings.add(PolicyBinding.of("schema" + i, (frame, context) -> settled(schema.apply(frame, context))));
			bindings.add(PolicyBinding.of("redact" + i, redact("/none", INVALID)));
		}
		Frame frame = FrameAccess.frame(FrameType.TEXT, true, text);
		assertThat(run(bindings, frame)).isSameAs(Verdict.forward());
		Mockito.verify(text, Mockito.times(1)).text();
		Mockito.verify(text, Mockito.never()).bytes();
	}

	@Test
	void changesAreVisibleToTheNextPolicy() {
		AtomicInteger writes = new AtomicInteger();
		Verdict first = run(List.of(PolicyBinding.of("redact", redact("/a", INVALID))), text("{\"a\":1,\"b\":2}"));
		Frame changed = frame(first);
		Payload counted = Mockito.mock(Payload.class, (call) -> {
			writes.incrementAndGet();
			return call.getMethod().invoke(FrameAccess.payload(changed), call.getArguments());
		});
		assertThat(counted.text()).isEqualTo("{\"a\":\"***\",\"b\":2}");
		Verdict second = run(List.of(PolicyBinding.of("redact", redact("/b", INVALID))), changed);
		assertThat(text(second)).isEqualTo("{\"a\":\"***\",\"b\":\"***\"}");
		assertThat(writes).hasValue(1);
	}

	@ParameterizedTest
	@CsvSource({ "3,false", "3000,true" })
	void longChangedMessagesAreWrittenAtOnceAndKeepNoTree(int elements, boolean written) {
		Frame message = text("[" + "{},".repeat(elements) + "{}]");
		JsonMessage parsed = JsonMessage.of(message);
		Frame changed = frame(settled(set(value("/*/name", "x")).apply(message, Contexts.inbound())));
		// An estimate, unless the text is there.
		int rough = FrameAccess.payload(changed).roughLength();
		assertThat(rough == FrameAccess.payload(changed).length()).isEqualTo(written);
		assertThat(JsonMessage.of(message) != parsed).isEqualTo(written);
		assertThat(JsonMessage.of(changed).treeOrMissing()).hasSize(elements + 1)
			.allSatisfy((element) -> assertThat(element.get("name").stringValue()).isEqualTo("x"));
	}

	/** Written out, the second one would have ten gigabytes. */
	@ParameterizedTest
	@CsvSource({ "1000,15000,true", "1000000,10000,false" })
	void changedMessagesHaveABound(int elements, int valueLength, boolean allowed) {
		Frame message = text("[" + "1,".repeat(elements) + "1]");
		Verdict verdict = settled(set(value("/*/name", "x".repeat(valueLength))).apply(message, Contexts.inbound()));
		if (allowed) {
			assertThat(FrameAccess.payload(frame(verdict)).length()).isGreaterThan(elements * valueLength);
		}
		else {
			assertThat(verdict).isEqualTo(Verdict.closeSender(CloseStatus.TOO_BIG));
		}
	}

	@Test
	void longMessagesMayBeChanged() {
		String member = "{\"a\":1,\"b\":\"" + "x".repeat(17 * 1024 * 1024) + "\"}";
		Verdict verdict = settled(redact("/a", INVALID).apply(text(member), Contexts.inbound()));
		assertThat(text(verdict)).startsWith("{\"a\":\"***\",\"b\":\"xxx").hasSizeGreaterThan(member.length());
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
	void schemaReportsLocationAndKeyword(String json, @Nullable String reason) {
		Verdict verdict = settled(schema("chat.json", "2020-12", false, null).apply(text(json), Contexts.inbound()));
		assertThat(verdict).isEqualTo((reason != null)
				? Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason(reason)) : Verdict.forward());
	}

	@Test
	void schemaReasonDisclosesNoValues() {
		Verdict verdict = settled(schema("chat.json", "2020-12", false, null)
			.apply(text("{\"room\":\"lobby\",\"kind\":\"b\"}"), Contexts.inbound()));
		assertThat(verdict).isInstanceOfSatisfying(Verdict.CloseSender.class,
				(close) -> assertThat(close.status().reason()).startsWith("/kind: ").doesNotContain("\"b\""));
	}

	@Test
	void schemaChecksFormatsIfConfigured() {
		Verdict verdict = settled(schema("chat.json", "2020-12", true, null)
			.apply(text("{\"room\":\"lobby\",\"mail\":\"nonsense\"}"), Contexts.inbound()));
		assertThat(verdict).isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("/mail: format")));
	}

	@Test
	void schemaSupportsDeepMessages() {
		String deep = "{\"room\":\"a\",\"replies\":[".repeat(200) + "]}".repeat(200);
		assertThat(settled(schema("chat.json", "2020-12", false, null).apply(text(deep), Contexts.inbound())))
			.isSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "[1e1000000]", "[1e-1000000]", "[-9.9e999999999]", "[[{\"a\":1e6000}]]" })
	void schemaRefusesNumbersThatAreExpensive(String numbers) {
		assertThat(settled(schema("prices.json", "2020-12", false, null).apply(text(numbers), Contexts.inbound())))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("cannot be validated")));
	}

	@Test
	void schemaRefusesManyLargeNumbers() {
		FramePolicy policy = schema("prices.json", "2020-12", false, null);
		assertThat(settled(policy.apply(text("[1e300,0.01" + ",123.45".repeat(10_000) + "]"), Contexts.inbound())))
			.isSameAs(Verdict.forward());
		assertThat(settled(policy.apply(text("[1e300" + ",1e300".repeat(100) + "]"), Contexts.inbound())))
			.isNotSameAs(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "4", "6", "7", "2019-09", "2020-12" })
	void schemaSupportsTheDrafts(String draft) {
		FramePolicy policy = schema("author.json", draft, false, null);
		assertThat(settled(policy.apply(text("{\"name\":\"alice\"}"), Contexts.inbound()))).isSameAs(Verdict.forward());
		assertThat(settled(policy.apply(text("{\"name\":5}"), Contexts.inbound())))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("/name: type")));
	}

	@Test
	void schemaUsesJavaExpressionsIfConfigured() {
		FramePolicy policy = schema("lookahead.json", "7", false, JsonSchemaPolicy.Regex.JAVA);
		assertThat(settled(policy.apply(text("{\"a\":\"axe\"}"), Contexts.inbound()))).isSameAs(Verdict.forward());
		assertThat(settled(policy.apply(text("{\"a\":\"ace\"}"), Contexts.inbound()))).isNotSameAs(Verdict.forward());
	}

	@Test
	void schemaReportsInvalidJavaExpressions() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> schema("unclosed.json", "2020-12", false, JsonSchemaPolicy.Regex.JAVA))
			.withMessage("schema: the pattern '(a' is invalid: Unclosed group");
	}

	@ParameterizedTest
	@CsvSource({ "none.json, 7, cannot be read", "bad.json, 2020-12, /type", "bad.json, 4, /type",
			"remote.json, 7, https://example.com/a.json", "lookahead.json, 7, regex: java", "draft3.json, 7, draft-03",
			"dangling.json, 2020-12, none", "chat.json, 5, draft: '5'" })
	void invalidSchemas(String schema, String draft, String named) {
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

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"a":"ann@example.com","b":["x bob@example.com y",7]} | {"a":"***","b":["x *** y",7]}
			{"a":"ann\\u0040example.com"}                         | {"a":"***"}
			{"a":{"b":"\\u0061nn@example\\u002ecom\\ud800"},"c":-0} | {"a":{"b":"***\\ud800"},"c":-0}
			"ann@example.com"                                     | "***"
			{"ann@example.com":"x"}                               |
			{"a":"ann at example.com"}                            |
			""")
	void redactsMatchesInStrings(String json, @Nullable String expected) {
		FramePolicy policy = new JsonRedactPolicy(new JsonRedactPolicy.Settings(List.of(), List.of("[a-z]+@[a-z.]+"),
				"***", Set.of(), JsonFraming.JSON, INVALID));
		Verdict verdict = settled(policy.apply(text(json), Contexts.inbound()));
		if (expected == null) {
			assertThat(verdict).isSameAs(Verdict.forward());
		}
		else {
			assertThat(text(verdict)).isEqualTo(expected);
		}
	}

	@Test
	void redactsAtAnyDepth() {
		assertThat(text(redact("/**/mail", INVALID).apply(text("{\"a\":[{\"mail\":{\"x\":1}}],\"mail\":2}"),
				Contexts.outbound())))
			.isEqualTo("{\"a\":[{\"mail\":\"***\"}],\"mail\":\"***\"}");
	}

	@Test
	void redactionRequiresPointersOrPatterns() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JsonRedactPolicy(
					new JsonRedactPolicy.Settings(List.of(), List.of(), "***", Set.of(), JsonFraming.JSON, INVALID)))
			.withMessageStartingWith("pointers, patterns: none");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JsonRedactPolicy(
					new JsonRedactPolicy.Settings(List.of(), List.of("("), "***", Set.of(), JsonFraming.JSON, INVALID)))
			.withMessageStartingWith("patterns: ");
	}

	@Test
	void unchangedValuesKeepTheirNotation() {
		String json = "{\"a\":%s,\"b\":\"\\ud800\",\"c\":[-0,-0.0,1e5,1.10],\"\\udfff\":0}";
		assertThat(bytes(redact("/a", INVALID).apply(text(json.formatted(1)), Contexts.inbound())))
			.isEqualTo(json.formatted("\"***\""));
		assertThat(bytes(set(value("/a", "x")).apply(text(json.formatted(1)), Contexts.inbound())))
			.isEqualTo(json.formatted("\"x\""));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					RECORDS   | {"mail":"a","n":-0}~{"mail":"b"}~         | {"mail":"***","n":-0}~{"mail":"***"}~
					LINES     | {"mail":"a"}^^{"x":1}^                    | {"mail":"***"}^^{"x":1}^
					SOCKJS    | a["{\\"mail\\":\\"a\\",\\"b\\":\\"\\\\ud800\\"}","5"] | a["{\\"mail\\":\\"***\\",\\"b\\":\\"\\\\ud800\\"}","5"]
					SOCKJS    | m"{\\"mail\\":\\"a\\"}"  | m"{\\"mail\\":\\"***\\"}"
					SOCKET_IO | 0{"sid":"x","mail":"a"}                   | 0{"sid":"x","mail":"***"}
					""")
	void redactsInFramings(JsonFraming framing, String message, String expected) {
		FramePolicy policy = redact("/mail", framing);
		Verdict verdict = policy.apply(text(unescape(message)), Contexts.outbound());
		assertThat(text(verdict)).isEqualTo(unescape(expected));
		assertThat(redact("/none", framing).apply(frame(verdict), Contexts.outbound())).isSameAs(Verdict.forward());
	}

	@Test
	void redactsSocketIoEvents() {
		FramePolicy policy = redact("/*/mail", JsonFraming.SOCKET_IO);
		assertThat(text(policy.apply(text("42/admin,17[\"m\",{\"mail\":\"a\"}]"), Contexts.inbound())))
			.isEqualTo("42/admin,17[\"m\",{\"mail\":\"***\"}]");
		assertThat(policy.apply(text("2probe"), Contexts.inbound())).isSameAs(Verdict.forward());
	}

	@Test
	void redactsJsonWithinSockJsArrays() {
		TextFrame message = text("[\"{\\\"mail\\\":\\\"a\\\"}\"]");
		assertThat(redact("/mail", JsonFraming.JSON).apply(message, Contexts.inbound())).isSameAs(Verdict.forward());
		assertThat(text(redact("/mail", JsonFraming.SOCKJS).apply(message, Contexts.inbound())))
			.isEqualTo("[\"{\\\"mail\\\":\\\"***\\\"}\"]");
	}

	@Test
	void schemaValidatesEachPart() {
		FramePolicy policy = new JsonSchemaPolicy(new JsonSchemaPolicy.Settings("classpath:schemas/author.json", "7",
				false, false, null, Set.of(), JsonFraming.RECORDS, CLOSE, INVALID), new DefaultResourceLoader());
		assertThat(settled(policy.apply(text("{\"name\":\"a\"}\u001e{\"name\":\"b\"}\u001e"), Contexts.inbound())))
			.isSameAs(Verdict.forward());
		assertThat(settled(policy.apply(text("{\"name\":\"a\"}\u001e{\"name\":5}\u001e"), Contexts.inbound())))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("/name: type")));
	}

	@Test
	void setsValuesInEachPart() {
		FramePolicy records = new JsonSetPolicy(
				new JsonSetPolicy.Settings(List.of(value("/user", "ada")), Set.of(), JsonFraming.RECORDS, INVALID));
		assertThat(text(records.apply(text("{}\u001e{\"user\":\"root\"}\u001e"), Contexts.inbound())))
			.isEqualTo("{\"user\":\"ada\"}\u001e{\"user\":\"ada\"}\u001e");
		FramePolicy events = new JsonSetPolicy(
				new JsonSetPolicy.Settings(List.of(value("/1/user", "ada")), Set.of(), JsonFraming.SOCKET_IO, INVALID));
		assertThat(text(events.apply(text("42[\"m\",{}]"), Contexts.inbound())))
			.isEqualTo("42[\"m\",{\"user\":\"ada\"}]");
		assertThat(events.apply(text("40{\"token\":\"t\"}"), Contexts.inbound())).isSameAs(Verdict.forward());
	}

	@Test
	void byteOrderMarkIsSkipped() {
		assertThat(text(redact("/mail", INVALID).apply(text("\uFEFF{\"mail\":1}"), Contexts.inbound())))
			.isEqualTo("{\"mail\":\"***\"}");
	}

	@Test
	void longMessagesAreEvaluatedOffTheEventLoop() {
		Verdict verdict = redact("/mail", INVALID).apply(text("{\"mail\":1,\"x\":\"" + "x".repeat(40_000) + "\"}"),
				Contexts.inbound());
		assertThat(verdict).isInstanceOf(Verdict.Later.class);
		assertThat(text(settled(verdict))).startsWith("{\"mail\":\"***\"");
	}

	@Test
	void processesConfiguredTypesOnly() {
		FramePolicy policy = new JsonRedactPolicy(new JsonRedactPolicy.Settings(List.of("/a"), List.of(), "x",
				Set.of(FrameType.TEXT), JsonFraming.JSON, INVALID));
		assertThat(policy.apply(BinaryFrame.of(new byte[] { 1 }), Contexts.inbound())).isSameAs(Verdict.forward());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JsonRedactPolicy(new JsonRedactPolicy.Settings(List.of("/a"), List.of(), "x",
					Set.of(FrameType.PING), JsonFraming.JSON, INVALID)))
			.withMessageStartingWith("types: ");
	}

	@Test
	void invalidJson() {
		assertThat(redact("/a", INVALID).apply(text("hi"), Contexts.outbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("not JSON")));
		assertThat(redact("/a", InvalidJsonSettings.of("drop")).apply(text("hi"), Contexts.outbound()))
			.isEqualTo(Verdict.drop());
		assertThatIllegalArgumentException().isThrownBy(() -> InvalidJsonSettings.of("explode"))
			.withMessage("action: 'explode' (expected: forward, close, drop, reply)");
		assertThat(redact("/a", InvalidJsonSettings.of("forward")).apply(text("hi"), Contexts.outbound()))
			.isSameAs(Verdict.forward());
		InvalidJsonSettings reply = new InvalidJsonSettings(InvalidJsonSettings.Action.REPLY, null, "",
				"{policy}: {reason} ({code})");
		assertThat(redact("/a", reply).apply(text("hi"), Contexts.inbound())).isInstanceOfSatisfying(
				Verdict.Reply.class,
				(verdict) -> assertThat(verdict.frames()).singleElement()
					.extracting((frame) -> ((TextFrame) frame).text())
					.isEqualTo("json-redact: not JSON (1007)"));
	}

	@Test
	void setsPropertiesOfTheSession() {
		HttpHeaders headers = new HttpHeaders();
		headers.set("X-Tenant", "acme");
		FramePolicy policy = set(value("/user", "{principal}"), value("/meta/tenant", "{header:X-Tenant}"),
				value("/meta/from", "{address} on {route}"), json("/v", "[1,2]"));
		assertThat(text(policy.apply(text("{\"user\":{\"name\":\"root\"},\"meta\":7}"), context(headers, "alice"))))
			.isEqualTo(
					"{\"user\":\"alice\",\"meta\":{\"tenant\":\"acme\",\"from\":\"127.0.0.1 on route\"},\"v\":[1,2]}");
	}

	@Test
	void setsNullForMissingProperties() {
		FramePolicy policy = set(value("/user", "u-{principal}"), value("/tenant", "{header:X-Tenant}"));
		assertThat(text(policy.apply(text("{\"user\":\"root\"}"), context(new HttpHeaders(), null))))
			.isEqualTo("{\"user\":null,\"tenant\":null}");
	}

	@Test
	void forwardsIfTheValueIsPresent() {
		FramePolicy policy = set(value("/user", "alice"));
		assertThat(policy.apply(text("{ \"user\" : \"alice\" }"), Contexts.inbound())).isSameAs(Verdict.forward());
	}

	@Test
	void scalarsAreInvalid() {
		assertThat(set(value("/user", "alice")).apply(text("5"), Contexts.inbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD.withReason("not JSON")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{nobody}", "{header}", "{header:}", "{", "a}", "{{principal}}", "{query:x}" })
	void unknownPlaceholders(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> set(value("/a", text)))
			.withMessageStartingWith("values[0].value: '" + text + "'");
	}

	@Test
	void invalidValues() {
		assertThatIllegalArgumentException().isThrownBy(() -> set(json("/a", "{")))
			.withMessageStartingWith("values[0].json: ");
		assertThatIllegalArgumentException().isThrownBy(() -> set(new JsonSetPolicy.Value("/a", "1", "1")))
			.withMessage("values[0]: value and json are both set (expected: one of them)");
		assertThatIllegalArgumentException().isThrownBy(() -> set(new JsonSetPolicy.Value("/a", null, null)))
			.withMessage("values[0]: value and json are missing (expected: one of them)");
		assertThatIllegalArgumentException().isThrownBy(() -> set(value("a", "1")))
			.withMessageStartingWith("values[0].pointer: ");
	}

	private static FramePolicy schema(String name, String draft, boolean formats,
			JsonSchemaPolicy.@Nullable Regex regex) {
		return new JsonSchemaPolicy(new JsonSchemaPolicy.Settings("classpath:schemas/" + name, draft, formats, false,
				regex, Set.of(), JsonFraming.JSON, CLOSE, INVALID), new DefaultResourceLoader());
	}

	private static FramePolicy redact(String pointer, InvalidJsonSettings onInvalid) {
		return new JsonRedactPolicy(new JsonRedactPolicy.Settings(List.of(pointer), List.of(), "***", Set.of(),
				JsonFraming.JSON, onInvalid));
	}

	private static FramePolicy redact(String pointer, JsonFraming framing) {
		return new JsonRedactPolicy(
				new JsonRedactPolicy.Settings(List.of(pointer), List.of(), "***", Set.of(), framing, INVALID));
	}

	private static String unescape(String message) {
		return message.replace('~', '\u001e').replace('^', '\n');
	}

	private static String bytes(Verdict verdict) {
		return new String(frame(verdict).toByteArray(), StandardCharsets.UTF_8);
	}

	private static FramePolicy set(JsonSetPolicy.Value... values) {
		return new JsonSetPolicy(new JsonSetPolicy.Settings(List.of(values), Set.of(), JsonFraming.JSON, INVALID));
	}

	private static JsonSetPolicy.Value value(String pointer, String value) {
		return new JsonSetPolicy.Value(pointer, value, null);
	}

	private static JsonSetPolicy.Value json(String pointer, String json) {
		return new JsonSetPolicy.Value(pointer, null, json);
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

	/** Returns the verdict, and waits for a pending one. */
	private static Verdict settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later)
				? settled(later.verdict().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join()) : verdict;
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
