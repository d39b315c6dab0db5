package dev.wspolicy.policies.graphql;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import graphql.language.OperationDefinition.Operation;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.AccessRule;
import dev.wspolicy.policies.MessageJson;
import dev.wspolicy.policies.Permission;
import dev.wspolicy.policies.PrincipalAuthorities;
import dev.wspolicy.policies.SubprotocolRule;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Says who may run which kinds of GraphQL operations, how deep they may go, and how many
 * subscriptions a session may have. Knows the subprotocols {@code graphql-transport-ws}
 * and, its predecessor, {@code graphql-ws}; a refused operation is answered with the
 * subprotocol's own error for its id, and the session goes on.
 */
@WsPolicy
final class GraphQlLimit implements FramePolicy {

	static final String NAME = "graphql-limit";

	/** What Apollo's subscriptions-transport-ws spoke. */
	private static final String LEGACY = "graphql-ws";

	private static final Set<String> SUBPROTOCOLS = Set.of("graphql-transport-ws", LEGACY);

	private static final String SUBSCRIPTIONS = GraphQlLimit.class.getName() + ".subscriptions";

	/** What graphql-transport-ws says to a message that it does not understand. */
	private static final Verdict NO_MESSAGE = Verdict.close(CloseStatus.of(4400, "not a GraphQL message"),
			CloseStatus.GOING_AWAY);

	private final SubprotocolRule subprotocols;

	private final List<AccessRule<Set<Operation>>> rules;

	private final int maxDepth;

	private final int maxSubscriptions;

	GraphQlLimit(Settings settings, @Nullable PrincipalAuthorities authorities) {
		GraphQlOperation.warmUp();
		this.subprotocols = new SubprotocolRule(SUBPROTOCOLS, settings.otherSubprotocols());
		this.rules = settings.rules().stream().map((rule) -> rule(rule, authorities)).toList();
		this.maxDepth = atLeastOne("max-depth", settings.maxDepth());
		this.maxSubscriptions = atLeastOne("max-subscriptions", settings.maxSubscriptions());
	}

	private static AccessRule<Set<Operation>> rule(Rule rule, @Nullable PrincipalAuthorities authorities) {
		if (rule.operations().isEmpty()) {
			throw new IllegalArgumentException("operations: none (expected: query, mutation or subscription)");
		}
		return new AccessRule<>(EnumSet.copyOf(rule.operations()),
				Permission.of(rule.authorities(), rule.roles(), authorities));
	}

	private static int atLeastOne(String name, @Nullable Integer value) {
		if (value != null && value < 1) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
		}
		return (value != null) ? value : Integer.MAX_VALUE;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		subscriptions(session).users++;
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		// What nobody keeps up to date would be wrong for those that a refresh brings.
		if (--subscriptions(session).users == 0) {
			session.attributes().remove(SUBSCRIPTIONS);
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (!this.subprotocols.judges(context)) {
			return Verdict.forward();
		}
		return (context.direction() == Direction.INBOUND) ? fromClient(frame, context) : fromUpstream(frame, context);
	}

	private Verdict fromClient(Frame frame, FrameContext context) {
		JsonNode message = MessageJson.of(frame);
		JsonNode type = message.path("type");
		if (!(frame instanceof TextFrame) || !type.isString()) {
			return NO_MESSAGE;
		}
		return switch (type.stringValue()) {
			case "subscribe", "start" -> subscribe(message, context);
			case "complete", "stop" -> {
				subscriptions(context.session()).ids.remove(message.path("id").asString(""));
				yield Verdict.forward();
			}
			default -> Verdict.forward();
		};
	}

	private Verdict subscribe(JsonNode message, FrameContext context) {
		JsonNode id = message.path("id");
		if (!id.isString() || id.stringValue().isEmpty()) {
			return NO_MESSAGE;
		}
		String problem;
		try {
			problem = problem(id.stringValue(), message.path("payload"), context.session());
		}
		catch (UnreadableQueryException ex) {
			problem = ex.problem();
		}
		return (problem != null) ? error(id.stringValue(), problem, context) : Verdict.forward();
	}

	/** Why an operation may not run, or null if it may. */
	private @Nullable String problem(String id, JsonNode payload, ProxiedSession session)
			throws UnreadableQueryException {
		JsonNode query = payload.path("query");
		if (!query.isString()) {
			throw new UnreadableQueryException("There is no query");
		}
		GraphQlOperation document = GraphQlOperation.read(query.stringValue(),
				payload.path("operationName").asString(""));
		Operation operation = document.kind();
		boolean allowed = this.rules.isEmpty()
				|| AccessRule.allows(this.rules, (operations) -> operations.contains(operation), session.principal());
		if (!allowed) {
			return "Not allowed: " + operation.name().toLowerCase(Locale.ROOT);
		}
		if (document.depth() > this.maxDepth) {
			return "The query is deeper than " + this.maxDepth;
		}
		if (operation == Operation.SUBSCRIPTION && this.maxSubscriptions != Integer.MAX_VALUE) {
			return subscribe(id, subscriptions(session).ids);
		}
		return null;
	}

	private @Nullable String subscribe(String id, Set<String> subscriptions) {
		if (subscriptions.size() >= this.maxSubscriptions && !subscriptions.contains(id)) {
			return "Too many subscriptions at a time (allowed: " + this.maxSubscriptions + ")";
		}
		subscriptions.add(id);
		return null;
	}

	/** The upstream says that it has nothing more to send for an id. */
	private static Verdict fromUpstream(Frame frame, FrameContext context) {
		Set<String> subscriptions = subscriptions(context.session()).ids;
		if (!subscriptions.isEmpty() && frame instanceof TextFrame message && mayEnd(message.text())) {
			JsonNode tree = MessageJson.of(frame);
			String type = tree.path("type").asString("");
			if (type.equals("complete") || type.equals("error")) {
				subscriptions.remove(tree.path("id").asString(""));
			}
		}
		return Verdict.forward();
	}

	/** Spares most messages the parsing. */
	private static boolean mayEnd(String text) {
		return text.contains("complete") || text.contains("error") || text.contains("\\u");
	}

	private static Subscriptions subscriptions(ProxiedSession session) {
		return (Subscriptions) session.attributes().computeIfAbsent(SUBSCRIPTIONS, (name) -> new Subscriptions());
	}

	private static Verdict error(String id, String problem, FrameContext context) {
		ObjectNode reason = MessageJson.object().put("message", problem);
		ObjectNode error = MessageJson.object().put("id", id).put("type", "error");
		if (LEGACY.equals(context.upgrade().subprotocol())) {
			error.set("payload", reason);
		}
		else {
			error.putArray("payload").add(reason);
		}
		return Verdict.replyText(error.toString());
	}

	/**
	 * Those of a session, for all policies of this kind that serve it. Only its event
	 * loop comes here.
	 */
	private static final class Subscriptions {

		private final Set<String> ids = new HashSet<>();

		/** How many policies keep them up to date. */
		private int users;

	}

	/**
	 * A rule.
	 *
	 * @param operations the kinds of operations it speaks of
	 * @param authorities authorities of which one is enough
	 * @param roles roles of which one is enough
	 */
	record Rule(@DefaultValue Set<Operation> operations, @DefaultValue List<String> authorities,
			@DefaultValue List<String> roles) {

	}

	/**
	 * The settings.
	 *
	 * @param rules who may run what; the first that fits decides, and what none fits is
	 * not allowed; with no rules all is allowed
	 * @param maxDepth how many fields may stand inside each other
	 * @param maxSubscriptions how many subscriptions a session may have at a time
	 * @param otherSubprotocols what becomes of sessions that speak something else
	 */
	record Settings(@DefaultValue List<Rule> rules, @Nullable Integer maxDepth, @Nullable Integer maxSubscriptions,
			@DefaultValue("judge") SubprotocolRule.Others otherSubprotocols) {

	}

}
