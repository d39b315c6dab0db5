package dev.wspolicy.policies.graphql;

import java.util.EnumSet;
import java.util.List;

import graphql.language.OperationDefinition.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.Contexts;
import dev.wspolicy.policies.MessageJson;
import dev.wspolicy.policies.SubprotocolRule.Others;
import dev.wspolicy.policies.graphql.GraphQlLimit.Rule;
import dev.wspolicy.policies.graphql.GraphQlLimit.Settings;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Initiator;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which operations may run.
 */
class GraphQlLimitTests {

	private static final Verdict NO_MESSAGE = Verdict.close(CloseStatus.of(4400, "not a GraphQL message"),
			CloseStatus.GOING_AWAY);

	private final ProxiedSession session = session("graphql-transport-ws", "ada");

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "{ a } | 1", "{ a { b c { d } } } | 3", "query q { a { ...f } } fragment f on T { b { c } } | 3",
					"{ ... on T { a { ... { b } } } } | 2",
					"{ ...f ...f } fragment f on T { a { ...g } } " + "fragment g on T { b } | 2", "{ ...unknown } | 0",
					"subscription { a } | 1" })
	void depth(String query, int depth) throws UnreadableQueryException {
		assertThat(GraphQlOperation.read(query, "").depth()).isEqualTo(depth);
		GraphQlLimit limit = limit(List.of(), Math.max(depth, 1), null);
		assertThat(limit.apply(subscribe("1", query, ""), inbound(this.session))).isEqualTo(Verdict.forward());
		if (depth > 1) {
			assertThat(error(limit(List.of(), depth - 1, null), query))
				.isEqualTo("The query is deeper than " + (depth - 1));
		}
	}

	@Test
	void fragmentsThatMultiplyAreMeasuredOnce() throws UnreadableQueryException {
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
		GraphQlLimit limit = limit(rules, null, null);
		Verdict verdict = limit.apply(subscribe("1", operation + " { a }", ""),
				inbound(session("graphql-transport-ws", principal)));
		assertThat(verdict).isEqualTo(allowed ? Verdict.forward() : verdict);
		assertThat(verdict instanceof Verdict.Reply).isEqualTo(!allowed);
	}

	@Test
	void namedOperationOfSeveralIsJudged() {
		List<Rule> rules = List.of(new Rule(EnumSet.of(Operation.QUERY), List.of(), List.of()));
		GraphQlLimit limit = limit(rules, null, null);
		String query = "query a { x } mutation b { y }";
		assertThat(limit.apply(subscribe("1", query, "a"), inbound(this.session))).isEqualTo(Verdict.forward());
		assertThat(limit.apply(subscribe("1", query, "b"), inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		assertThat(limit.apply(subscribe("1", query, "c"), inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		assertThat(error(limit, query)).isEqualTo("The query does not say which operation to run");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{ a", "nonsense", "fragment f on T { a }", "{ ...f } fragment f on T { a { ...f } }",
			"{ ...f } fragment f on T { a } fragment f on T { b }" })
	void whatCannotBeReadIsRefused(String query) {
		assertThat(error(limit(List.of(), null, null), query)).startsWith("The query ").doesNotContain("nonsense");
	}

	@Test
	void endlessQueriesAreRefused() {
		assertThat(error(limit(List.of(), null, null), "{ a ".repeat(20_000) + "}".repeat(20_000)))
			.isEqualTo("The query is no valid GraphQL");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "[]", "{}", "{\"type\":1}", "{\"type\":\"subscribe\"}",
			"{\"type\":\"subscribe\",\"id\":7,\"payload\":{\"query\":\"{a}\"}}",
			"{\"type\":\"ping\",\"type\":\"subscribe\",\"id\":\"1\"}", "{\"type\":\"ping\"} {}" })
	void whatIsNoMessageClosesTheSession(String message) {
		assertThat(limit(List.of(), null, null).apply(TextFrame.of(message), inbound(this.session)))
			.isEqualTo(NO_MESSAGE);
	}

	@Test
	void binaryIsNoMessage() {
		assertThat(limit(List.of(), null, null).apply(BinaryFrame.of(new byte[1]), inbound(this.session)))
			.isEqualTo(NO_MESSAGE);
	}

	@ParameterizedTest
	@CsvSource({ "graphql-transport-ws, subscribe, complete", "graphql-ws, start, stop" })
	void subscriptionsCountUntilEitherSideEndsThem(String subprotocol, String begin, String end) {
		GraphQlLimit limit = limit(List.of(), null, 2);
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

	@Test
	void subscriptionsAreForgottenWhenTheLastPolicyThatCountsThemGoes() {
		Termination replaced = new Termination(Initiator.GATEWAY, Termination.Cause.REPLACED, null, null, null, null);
		GraphQlLimit gone = limit(List.of(), null, 1);
		gone.onOpen(this.session);
		TextFrame subscribe = subscribe("1", "subscription { a }", "");
		assertThat(gone.apply(subscribe, inbound(this.session))).isEqualTo(Verdict.forward());
		GraphQlLimit successor = limit(List.of(), null, 1);
		successor.onOpen(this.session);
		gone.onClose(this.session, replaced);
		TextFrame another = subscribe("2", "subscription { a }", "");
		assertThat(successor.apply(another, inbound(this.session))).isInstanceOf(Verdict.Reply.class);
		successor.onClose(this.session, replaced);
		assertThat(this.session.attributes()).isEmpty();
		successor.onOpen(this.session);
		assertThat(successor.apply(another, inbound(this.session))).isEqualTo(Verdict.forward());
	}

	@Test
	void errorsAreThoseOfTheSubprotocol() {
		GraphQlLimit limit = limit(List.of(), 1, null);
		TextFrame deep = subscribe("a\\\"b", "{ a { b } }", "");
		assertThat(text(limit.apply(deep, inbound(this.session)))).isEqualTo(
				"{\"id\":\"a\\\"b\",\"type\":\"error\",\"payload\":[{\"message\":\"The query is deeper than 1\"}]}");
		assertThat(text(limit.apply(deep, inbound(session("graphql-ws", "ada"))))).isEqualTo(
				"{\"id\":\"a\\\"b\",\"type\":\"error\",\"payload\":{\"message\":\"The query is deeper than 1\"}}");
	}

	@Test
	void otherSubprotocolsAreJudgedUnlessTheyMayPass() {
		TextFrame message = TextFrame.of("hello");
		assertThat(limit(List.of(), null, null).apply(message, inbound(session(null, "ada")))).isEqualTo(NO_MESSAGE);
		GraphQlLimit lenient = new GraphQlLimit(new Settings(List.of(), null, null, Others.FORWARD), null);
		assertThat(lenient.apply(message, inbound(session(null, "ada")))).isEqualTo(Verdict.forward());
	}

	@Test
	void settingsOfNoUse() {
		assertThatIllegalArgumentException().isThrownBy(() -> limit(List.of(), 0, null))
			.withMessageStartingWith("max-depth");
		assertThatIllegalArgumentException().isThrownBy(() -> limit(List.of(), null, 0))
			.withMessageStartingWith("max-subscriptions");
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> limit(List.of(new Rule(EnumSet.noneOf(Operation.class), List.of(), List.of())), null, null))
			.withMessageStartingWith("operations");
	}

	private String error(GraphQlLimit limit, String query) {
		String text = text(limit.apply(subscribe("1", query, ""), inbound(this.session)));
		return MessageJson.parse(text).at("/payload/0/message").stringValue();
	}

	private static String text(Verdict verdict) {
		return ((TextFrame) ((Verdict.Reply) verdict).frames().get(0)).text();
	}

	private static GraphQlLimit limit(List<Rule> rules, @Nullable Integer maxDepth, @Nullable Integer subscriptions) {
		return new GraphQlLimit(new Settings(rules, maxDepth, subscriptions, Others.JUDGE),
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
