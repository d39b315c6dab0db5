package dev.wspolicy.builtin.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import graphql.language.OperationDefinition.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.builtin.access.GraphQlLimitPolicy.Rule;
import dev.wspolicy.builtin.access.GraphQlLimitPolicy.Settings;
import dev.wspolicy.builtin.access.OperationTracker.OperationKey;
import dev.wspolicy.builtin.access.SubprotocolRule.Others;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which GraphQL operations are forwarded, and how others are refused.
 */
class GraphQlLimitPolicyTests {

	private static final Verdict NO_MESSAGE = Verdict.closeSender(CloseStatus.of(4400, "not a GraphQL message"));

	private final ProxiedSession session = session("graphql-transport-ws", "ada");

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "{ a } | 1", "{ a { b c { d } } } | 3", "query q { a { ...f } } fragment f on T { b { c } } | 3",
					"{ ... on T { a { ... { b } } } } | 2",
					"{ ...f ...f } fragment f on T { a { ...g } } " + "fragment g on T { b } | 2", "{ ...unknown } | 0",
					"subscription { a } | 1" })
	void depth(String query, int depth) throws UnreadableQueryException {
		assertThat(GraphQlOperation.read(query, "").depth()).isEqualTo(depth);
		GraphQlLimitPolicy limit = limit(List.of(), Math.max(depth, 1), null);
		assertThat(limit.apply(subscribe("1", query, ""), inbound(this.session))).isEqualTo(Verdict.forward());
		if (depth > 1) {
			assertThat(error(limit(List.of(), depth - 1, null), query))
				.isEqualTo("The query is deeper than " + (depth - 1));
		}
	}

	@Test
	void repeatedFragmentsAreMeasuredOnce() throws UnreadableQueryException {
		StringBuilder query = new StringBuilder("{ ...f0 }");
		for (int i = 0; i < 100; i++) {
			query.append(" fragment f")
				.append(i)
				.append(" on T { a { ...f")
				.append(i + 1)
				.append(" } b { ...f")
				.append(i + 1)
				.append(" } }");
		}
		assertThat(GraphQlOperation.read(query.toString(), "").depth()).isEqualTo(100);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "query | ada | true", "subscription | ada | true", "mutation | ada | false",
			"mutation | root | true" })
	void rulesOnOperations(String operation, String principal, boolean allowed) {
		List<Rule> rules = List.of(new Rule(EnumSet.of(Operation.QUERY, Operation.SUBSCRIPTION), List.of(), List.of()),
				new Rule(EnumSet.of(Operation.MUTATION), List.of(), List.of("EDITOR")));
		GraphQlLimitPolicy limit = limit(rules, null, null);
		Verdict verdict = limit.apply(subscribe("1", operation + " { a }", ""),
				inbound(session("graphql-transport-ws", principal)));
		assertThat(verdict).isEqualTo(allowed ? Verdict.forward() : verdict);
		assertThat(verdict instanceof Verdict.Reply).isEqualTo(!allowed);
	}

	@Test
	void namedOperationIsSelected() {
		List<Rule> rules = List.of(new Rule(EnumSet.of(Operation.QUERY), List.of(), List.of()));
		GraphQlLimitPolicy limit = limit(rules, null, null);
		String query = "query a { x } mutation b { y }";
		assertThat(limit.apply(subscribe("1", query, "a"), inbound(this.session))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(subscribe("1", query, "b"), inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		assertThat(limit.apply(subscribe("1", query, "c"), inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		assertThat(error(limit, query)).isEqualTo("The query does not say which operation to run");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{ a", "nonsense", "fragment f on T { a }", "{ ...f } fragment f on T { a { ...f } }",
			"{ ...f } fragment f on T { a } fragment f on T { b }" })
	void malformedQueriesAreRefused(String query) {
		assertThat(error(limit(List.of(), null, null), query)).startsWith("The query ").doesNotContain("nonsense");
	}

	@Test
	void longQueriesAreRefused() {
		assertThat(error(limit(List.of(), null, null), "{ a ".repeat(10_000) + "}".repeat(10_000)))
			.isEqualTo("The query is not valid GraphQL");
		assertThat(error(limit(List.of(), null, null), "{" + "a ".repeat(20_000) + "}"))
			.isEqualTo("The query is not valid GraphQL");
		assertThat(error(limit(List.of(), null, null), "{ a " + " ".repeat(70_000) + "}"))
			.isEqualTo("The query is longer than 65536 characters");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "[]", "{}", "{\"type\":1}", "{\"type\":\"subscribe\"}",
			"{\"type\":\"subscribe\",\"id\":7,\"payload\":{\"query\":\"{a}\"}}",
			"{\"type\":\"ping\",\"type\":\"subscribe\",\"id\":\"1\"}", "{\"type\":\"ping\"} {}",
			"{\"type\":\"ping\",\"TYPE\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{a}\"}}",
			"{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{a}\"},\"query\":\"mutation{a}\"}",
			"{\"type\":\"subscription_start\",\"id\":\"1\",\"query\":\"mutation{a}\"}", "{\"type\":\"Subscribe\"}",
			"{\"type\":\"complete\",\"id\":1}", "{\"type\":\"stop\",\"id\":1}", "{\"type\":\"complete\"}" })
	void invalidMessagesCloseTheSession(String message) {
		assertThat(limit(List.of(), null, null).apply(TextFrame.of(message), inbound(this.session)))
			.isEqualTo(NO_MESSAGE);
	}

	@Test
	void longIdsCloseTheSession() {
		assertThat(limit(List.of(), null, 1).apply(subscribe("1".repeat(257), "subscription { a }", ""),
				inbound(this.session)))
			.isEqualTo(NO_MESSAGE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"documentId\":\"x\"", "\"id\":\"x\"", "\"doc_id\":\"x\"", "\"QUERY\":\"mutation{a}\"",
			"\"\\u0064ocumentId\":null", "\"operationName\":1", "\"OperationName\":\"x\"", "\"extensions\":[]",
			"\"extensions\":{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"x\"}}",
			"\"extensions\":{\"persistedQuery\":\"x\"}", "\"extensions\":{\"persistedQuery\":null}",
			"\"extensions\":{\"persistedQuery\":{\"sha256Hash\":\"HASH\",\"id\":\"x\"}}",
			"\"extensions\":{\"PersistedQuery\":{\"sha256Hash\":\"HASH\"}}", "\"extensions\":{\"documentId\":\"x\"}" })
	void membersThatMayIdentifyAnotherDocumentAreRefused(String decoyed) {
		Verdict verdict = limit(List.of(), null, null).apply(beside(decoyed), inbound(this.session));
		assertThat(verdict).isInstanceOf(Verdict.Reply.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"operationName\":null", "\"variables\":{\"documentId\":\"x\"}", "\"extensions\":null",
			"\"extensions\":{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"HASH\"}}",
			"\"extensions\":{\"authorization\":{}}", "\"context\":{}" })
	void membersThatIdentifyNoDocumentPass(String beside) {
		assertThat(limit(List.of(), null, null).apply(beside(beside), inbound(this.session)))
			.isEqualTo(Verdict.forward());
	}

	/** A query with additional members; HASH stands for the hash of the query. */
	private static TextFrame beside(String members) {
		String hash = "460c3a93211614ac783c0f1d1bbbcb45a6da87d6421b5c0771772588f1015ff8";
		return TextFrame.of("{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\","
				+ members.replace("HASH", hash) + "}}");
	}

	@ParameterizedTest
	@CsvSource({ "subscribe, stop", "start, complete", "subscribe, ping" })
	void messagesOfTheOtherSubprotocolDoNotEndSubscriptions(String begin, String end) {
		GraphQlLimitPolicy limit = limit(List.of(), null, 1);
		String subscription = "subscription { a }";
		limit.apply(begin(begin, "1", subscription, ""), inbound(this.session));
		limit.apply(TextFrame.of("{\"type\":\"" + end + "\",\"id\":\"1\"}"), inbound(this.session));
		assertThat(limit.apply(begin(begin, "2", subscription, ""), inbound(this.session)))
			.isInstanceOf(Verdict.Reply.class);
		String other = begin.equals("start") ? "subscribe" : "start";
		assertThat(limit.apply(begin(other, "1", subscription, ""), inbound(this.session)))
			.isInstanceOf(Verdict.Reply.class);
	}

	@Test
	void numericIdOfTheUpstreamDoesNotEndASubscription() {
		GraphQlLimitPolicy limit = limit(List.of(), null, 1);
		limit.apply(subscribe("1", "subscription { a }", ""), inbound(this.session));
		limit.apply(TextFrame.of("{\"type\":\"complete\",\"id\":1}"),
				Contexts.frames(Direction.OUTBOUND, this.session));
		assertThat(limit.apply(subscribe("2", "subscription { a }", ""), inbound(this.session)))
			.isInstanceOf(Verdict.Reply.class);
	}

	@Test
	void binaryMessagesCloseTheSession() {
		assertThat(limit(List.of(), null, null).apply(BinaryFrame.of(new byte[1]), inbound(this.session)))
			.isEqualTo(NO_MESSAGE);
	}

	@ParameterizedTest
	@CsvSource({ "graphql-transport-ws, subscribe, complete", "graphql-ws, start, stop" })
	void subscriptionsCountUntilEitherSideEndsThem(String subprotocol, String begin, String end) {
		GraphQlLimitPolicy limit = limit(List.of(), null, 2);
		ProxiedSession own = session(subprotocol, "ada");
		String subscription = "subscription { a }";
		assertThat(limit.apply(begin(begin, "1", subscription, ""), inbound(own))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(begin(begin, "2", subscription, ""), inbound(own))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(begin(begin, "2", subscription, ""), inbound(own))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(begin(begin, "3", "{ a }", ""), inbound(own))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(begin(begin, "4", subscription, ""), inbound(own))).isInstanceOf(Verdict.Reply.class);
		limit.apply(TextFrame.of("{\"type\":\"" + end + "\",\"id\":\"1\"}"), inbound(own));
		assertThat(limit.apply(begin(begin, "4", subscription, ""), inbound(own))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(begin(begin, "5", subscription, ""), inbound(own))).isInstanceOf(Verdict.Reply.class);
		FrameContext outbound = Contexts.frames(Direction.OUTBOUND, own);
		limit.apply(TextFrame.of("{\"type\":\"next\",\"id\":\"4\",\"payload\":\"complete\"}"), outbound);
		assertThat(limit.apply(begin(begin, "5", subscription, ""), inbound(own))).isInstanceOf(Verdict.Reply.class);
		limit.apply(TextFrame.of("{\"type\":\"complete\",\"id\":\"4\"}"), outbound);
		assertThat(limit.apply(begin(begin, "5", subscription, ""), inbound(own))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "complete", "error" })
	void lateEndOfAnEarlierSubscriptionDoesNotReleaseALaterOneWithTheSameId(String end) {
		GraphQlLimitPolicy limit = limit(List.of(), null, 1);
		FrameContext outbound = Contexts.frames(Direction.OUTBOUND, this.session);
		TextFrame subscribe = subscribe("1", "subscription { a }", "");
		TextFrame another = subscribe("2", "subscription { a }", "");
		limit.apply(TextFrame.of("{\"type\":\"connection_ack\"}"), outbound);
		limit.apply(subscribe, inbound(this.session));
		limit.apply(TextFrame.of("{\"type\":\"complete\",\"id\":\"1\"}"), inbound(this.session));
		limit.apply(subscribe, inbound(this.session));
		limit.apply(TextFrame.of("{\"type\":\"" + end + "\",\"id\":\"1\"}"), outbound);
		assertThat(limit.apply(another, inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		limit.apply(TextFrame.of("{\"type\":\"" + end + "\",\"id\":\"1\"}"), outbound);
		assertThat(limit.apply(another, inbound(this.session))).isEqualTo(Verdict.forward());
	}

	@Test
	void endOfAQueryDoesNotReleaseASubscriptionWithTheSameId() {
		GraphQlLimitPolicy limit = limit(List.of(), null, 1);
		FrameContext outbound = Contexts.frames(Direction.OUTBOUND, this.session);
		TextFrame another = subscribe("2", "subscription { a }", "");
		limit.apply(TextFrame.of("{\"type\":\"connection_ack\"}"), outbound);
		limit.apply(subscribe("1", "{ a }", ""), inbound(this.session));
		limit.apply(subscribe("1", "subscription { a }", ""), inbound(this.session));
		limit.apply(TextFrame.of("{\"type\":\"complete\",\"id\":\"1\"}"), outbound);
		assertThat(limit.apply(another, inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		limit.apply(TextFrame.of("{\"type\":\"complete\",\"id\":\"1\"}"), outbound);
		assertThat(limit.apply(another, inbound(this.session))).isEqualTo(Verdict.forward());
	}

	@Test
	void idsThatTheUpstreamMayStillEndAreBounded() {
		OperationTracker tracker = new OperationTracker();
		for (int i = 0; i < 3_000; i++) {
			OperationKey key = new OperationKey("subscribe", "" + i);
			tracker.tryBeginSubscription(key, 1);
			tracker.endByClient(key);
			tracker.begin(new OperationKey("subscribe", "q" + i));
		}
		assertThat(tracker.size()).as("the upstream is not seen").isZero();
		tracker.seesUpstream();
		for (int i = 0; i < 3_000; i++) {
			OperationKey key = new OperationKey("subscribe", "" + i);
			tracker.tryBeginSubscription(key, 1);
			tracker.endByClient(key);
			tracker.begin(new OperationKey("subscribe", "q" + i));
		}
		assertThat(tracker.size()).isEqualTo(OperationTracker.MAX_UNCONFIRMED_IDS);
		assertThat(tracker.tryBeginSubscription(new OperationKey("subscribe", "x"), 1)).isTrue();
	}

	@Test
	void subscriptionsAreRemovedWithTheLastPolicy() {
		GraphQlLimitPolicy gone = limit(List.of(), null, 1);
		gone.onOpen(this.session);
		TextFrame subscribe = subscribe("1", "subscription { a }", "");
		assertThat(gone.apply(subscribe, inbound(this.session))).isEqualTo(Verdict.forward());
		GraphQlLimitPolicy successor = limit(List.of(), null, 1);
		successor.onOpen(this.session);
		gone.onDetached(this.session);
		TextFrame another = subscribe("2", "subscription { a }", "");
		assertThat(successor.apply(another, inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		successor.onDetached(this.session);
		assertThat(this.session.attributes()).isEmpty();
		successor.onOpen(this.session);
		assertThat(successor.apply(another, inbound(this.session))).isEqualTo(Verdict.forward());
	}

	@Test
	void errorsFollowTheSubprotocol() {
		GraphQlLimitPolicy limit = limit(List.of(), 1, null);
		TextFrame deep = subscribe("a\\\"b", "{ a { b } }", "");
		assertThat(text(limit.apply(deep, inbound(this.session)))).isEqualTo(
				"{\"id\":\"a\\\"b\",\"type\":\"error\",\"payload\":[{\"message\":\"The query is deeper than 1\"}]}");
		assertThat(text(limit.apply(deep, inbound(session("graphql-ws", "ada"))))).isEqualTo(
				"{\"id\":\"a\\\"b\",\"type\":\"error\",\"payload\":{\"message\":\"The query is deeper than 1\"}}");
	}

	@Test
	void otherSubprotocolsAreCheckedByDefault() {
		TextFrame message = TextFrame.of("hello");
		assertThat(limit(List.of(), null, null).apply(message, inbound(session(null, "ada")))).isEqualTo(NO_MESSAGE);
		GraphQlLimitPolicy lenient = new GraphQlLimitPolicy(
				new Settings(List.of(), null, null, Others.FORWARD, Set.of()), null);
		assertThat(lenient.apply(message, inbound(session(null, "ada")))).isEqualTo(Verdict.forward());
	}

	@Test
	void invalidSettings() {
		assertThatIllegalArgumentException().isThrownBy(() -> limit(List.of(), 0, null))
			.withMessageStartingWith("max-depth");
		assertThatIllegalArgumentException().isThrownBy(() -> limit(List.of(), null, 0))
			.withMessageStartingWith("max-subscriptions");
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> limit(List.of(new Rule(EnumSet.noneOf(Operation.class), List.of(), List.of())), null, null))
			.withMessageStartingWith("operations");
	}

	private String error(GraphQlLimitPolicy limit, String query) {
		String text = text(settled(limit.apply(subscribe("1", query, ""), inbound(this.session))));
		return JsonMessage.of(TextFrame.of(text)).treeOrMissing().at("/payload/0/message").stringValue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{ a(b: 1#) }         | 1   | 500000
			{ a(b: 1#) }         | 1   | 60000
			{ a(b: 0.1#) }       | 1   | 500000
			{ a(b: 1e1#) }       | 1   | 60000
			{ a(b: \"""#x\""") } | ` ^` | 250000
			""")
	@Timeout(20)
	void queriesThatAreSlowToParseAreRefused(String query, String part, int times) {
		String text = query.replace("#", part.replace('^', '\n').repeat(times));
		ObjectNode message = JsonNodeFactory.instance.objectNode().put("id", "1").put("type", "subscribe");
		message.putObject("payload").put("query", text);
		GraphQlLimitPolicy limit = limit(List.of(), 3, null);
		assertThat(text(settled(limit.apply(TextFrame.of(message.toString()), inbound(this.session)))))
			.containsAnyOf("longer than", "digits in a row");
	}

	@ParameterizedTest
	@CsvSource({ "256, false", "257, true" })
	void digitsInARowAreBounded(int digits, boolean refused) {
		Verdict verdict = settled(limit(List.of(), 3, null)
			.apply(subscribe("1", "{ a(b: \\\"" + "7".repeat(digits) + "\\\") }", ""), inbound(this.session)));
		assertThat(verdict instanceof Verdict.Reply).isEqualTo(refused);
	}

	@Test
	void queriesOfMoreThanTwoKilobytesAreParsedOnAWorker() {
		Verdict verdict = limit(List.of(), 3, null).apply(subscribe("1", "{ " + "a(b:1) ".repeat(300) + "}", ""),
				inbound(this.session));
		assertThat(verdict).isInstanceOf(Verdict.Later.class);
		assertThat(settled(verdict)).isEqualTo(Verdict.forward());
	}

	@Test
	void numbersOutOfRangeAreRefused() {
		assertThat(text(
				limit(List.of(), 3, null).apply(subscribe("1", "{ a(b: 1e99999999999) }", ""), inbound(this.session))))
			.contains("not valid GraphQL");
	}

	@Test
	void longChainsOfFragmentsDoNotRecurse() throws Exception {
		StringBuilder query = new StringBuilder("{ ...f0 }");
		for (int i = 0; i < 1_300; i++) {
			query.append(" fragment f").append(i).append(" on T { a { ...f").append(i + 1).append(" } }");
		}
		query.append(" fragment f1300 on T { a }");
		int[] depth = new int[1];
		Thread thread = new Thread(null, () -> {
			try {
				depth[0] = GraphQlOperation.read(query.toString(), "").depth();
			}
			catch (UnreadableQueryException ex) {
				depth[0] = -1;
			}
		}, "small stack", 256 * 1024);
		thread.start();
		thread.join();
		assertThat(depth[0]).isEqualTo(1_301);
	}

	private static Verdict settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later)
				? settled(later.verdict().toCompletableFuture().orTimeout(15, TimeUnit.SECONDS).join()) : verdict;
	}

	private static String text(Verdict verdict) {
		return ((TextFrame) ((Verdict.Reply) verdict).frames().get(0)).text();
	}

	private static GraphQlLimitPolicy limit(List<Rule> rules, @Nullable Integer maxDepth,
			@Nullable Integer subscriptions) {
		return new GraphQlLimitPolicy(new Settings(rules, maxDepth, subscriptions, Others.JUDGE, Set.of("context")),
				(principal) -> principal.getName().equals("root") ? List.of("ROLE_EDITOR") : List.of());
	}

	private static TextFrame subscribe(String id, String query, String operation) {
		return begin("subscribe", id, query, operation);
	}

	private static TextFrame begin(String type, String id, String query, String operation) {
		return TextFrame.of("{\"id\":\"" + id + "\",\"type\":\"" + type + "\",\"payload\":{\"query\":\"" + query
				+ "\",\"operationName\":\"" + operation + "\"}}");
	}

	private static FrameContext inbound(ProxiedSession session) {
		return Contexts.frames(Direction.INBOUND, session);
	}

	private static ProxiedSession session(@Nullable String subprotocol, String principal) {
		UpgradeContext upgrade = Contexts.upgrade(new HttpHeaders(), List.of(), principal);
		BDDMockito.given(upgrade.subprotocol()).willReturn(subprotocol);
		return Contexts.session(upgrade);
	}

}
