package dev.wspolicy.builtin.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import graphql.language.OperationDefinition.Operation;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.builtin.access.OperationTracker.OperationKey;
import dev.wspolicy.builtin.support.EventLoopGuard;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * Restricts who may run which kinds of GraphQL operations, the depth of operations, and
 * the number of subscriptions per session. Supports the subprotocols
 * {@code graphql-transport-ws} and its predecessor {@code graphql-ws}. Replies to a
 * refused operation with the {@code error} message of the subprotocol; the session
 * remains open.
 */
@WsPolicy
final class GraphQlLimitPolicy implements FramePolicy {

	static final String NAME = "graphql-limit";

	/** The subprotocol of Apollo's subscriptions-transport-ws. */
	private static final String LEGACY = "graphql-ws";

	private static final Set<String> SUBPROTOCOLS = Set.of("graphql-transport-ws", LEGACY);

	/** Begins an operation of graphql-transport-ws; 'complete' ends it. */
	private static final String SUBSCRIBE = "subscribe";

	/** Begins an operation of graphql-ws; 'stop' ends it. */
	private static final String START = "start";

	private static final Set<String> MEMBERS = Set.of("id", "type", "payload");

	/** Bounds the memory of the ids, which clients choose. */
	private static final int MAX_ID = 256;

	private static final String SUBSCRIPTIONS = GraphQlLimitPolicy.class.getName() + ".subscriptions";

	/** The parser takes up to some milliseconds per KiB. */
	private static final int SHORT = 2 * 1024;

	/** The close code of graphql-transport-ws for an invalid message. */
	private static final Verdict NO_MESSAGE = Verdict.closeSender(CloseStatus.of(4400, "not a GraphQL message"));

	private final SubprotocolRule subprotocols;

	private final List<AccessRule<Set<Operation>>> rules;

	private final int maxDepth;

	private final int maxSubscriptions;

	private final Set<String> otherMembers;

	GraphQlLimitPolicy(Settings settings, @Nullable PrincipalAuthorities authorities) {
		GraphQlOperation.warmUp();
		this.subprotocols = new SubprotocolRule(SUBPROTOCOLS, settings.otherSubprotocols());
		this.rules = settings.rules().stream().map((rule) -> rule(rule, authorities)).toList();
		this.maxDepth = atLeastOne("max-depth", settings.maxDepth());
		this.maxSubscriptions = atLeastOne("max-subscriptions", settings.maxSubscriptions());
		this.otherMembers = Set.copyOf(settings.otherMembers());
	}

	private static AccessRule<Set<Operation>> rule(Rule rule, @Nullable PrincipalAuthorities authorities) {
		if (rule.operations().isEmpty()) {
			throw new IllegalArgumentException("operations: none (expected: query, mutation or subscription)");
		}
		return new AccessRule<>(EnumSet.copyOf(rule.operations()),
				RequiredAuthorities.of(rule.authorities(), rule.roles(), authorities));
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
	public void onDetached(ProxiedSession session) {
		release(session);
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		release(session);
	}

	private static void release(ProxiedSession session) {
		// No policy updates it any more, so it would be wrong for policies of a later
		// pipeline
		if (--subscriptions(session).users == 0) {
			session.attributes().remove(SUBSCRIPTIONS);
		}
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (!this.subprotocols.appliesTo(context)) {
			return Verdict.forward();
		}
		return (context.direction() == Direction.INBOUND)
				? EventLoopGuard.evaluate(frame, SHORT, () -> fromClient(frame, context))
				: EventLoopGuard.evaluate(frame, () -> fromUpstream(frame, context));
	}

	private Verdict fromClient(Frame frame, FrameContext context) {
		JsonNode message = JsonMessage.of(frame).treeOrMissing();
		JsonNode type = message.path("type");
		if (!(frame instanceof TextFrame) || !type.isString() || hasAliases(message)) {
			return NO_MESSAGE;
		}
		return switch (type.stringValue()) {
			case SUBSCRIBE, START -> begin(type.stringValue(), message, context);
			case "complete" -> end(SUBSCRIBE, message, context);
			case "stop" -> end(START, message, context);
			case "connection_init", "connection_terminate", "ping", "pong" -> Verdict.forward();
			default -> NO_MESSAGE;
		};
	}

	/** Case-insensitive parsers would read another message. */
	private static boolean hasAliases(JsonNode message) {
		return message.propertyNames()
			.stream()
			.anyMatch((name) -> !MEMBERS.contains(name) && MEMBERS.stream().anyMatch(name::equalsIgnoreCase));
	}

	private Verdict begin(String type, JsonNode message, FrameContext context) {
		String id = id(message);
		if (id == null || !MEMBERS.containsAll(message.propertyNames())) {
			return NO_MESSAGE;
		}
		String problem;
		try {
			problem = problem(new OperationKey(type, id), message.path("payload"), context.session());
		}
		catch (UnreadableQueryException ex) {
			problem = ex.problem();
		}
		return (problem != null) ? error(id, problem, context) : Verdict.forward();
	}

	private static Verdict end(String begunBy, JsonNode message, FrameContext context) {
		String id = id(message);
		if (id == null) {
			return NO_MESSAGE;
		}
		subscriptions(context.session()).tracker.endByClient(new OperationKey(begunBy, id));
		return Verdict.forward();
	}

	private static @Nullable String id(JsonNode message) {
		JsonNode id = message.path("id");
		boolean good = id.isString() && !id.stringValue().isEmpty() && id.stringValue().length() <= MAX_ID;
		return good ? id.stringValue() : null;
	}

	/** Returns why an operation is refused, or {@code null} if it may run. */
	private @Nullable String problem(OperationKey key, JsonNode payload, ProxiedSession session)
			throws UnreadableQueryException {
		GraphQlRequest request = GraphQlRequest.read(payload, this.otherMembers);
		GraphQlOperation document = GraphQlOperation.read(request.query(), request.operationName());
		Operation operation = document.kind();
		boolean allowed = this.rules.isEmpty()
				|| AccessRule.allows(this.rules, (operations) -> operations.contains(operation), session.principal());
		if (!allowed) {
			return "Not allowed: " + operation.name().toLowerCase(Locale.ROOT);
		}
		if (document.depth() > this.maxDepth) {
			return "The query is deeper than " + this.maxDepth;
		}
		return (this.maxSubscriptions != Integer.MAX_VALUE) ? count(key, operation, subscriptions(session).tracker)
				: null;
	}

	private @Nullable String count(OperationKey key, Operation operation, OperationTracker tracker) {
		if (operation != Operation.SUBSCRIPTION) {
			tracker.begin(key);
			return null;
		}
		return tracker.tryBeginSubscription(key, this.maxSubscriptions) ? null
				: "Too many subscriptions at a time (allowed: " + this.maxSubscriptions + ")";
	}

	/** Watches for messages that end an operation. */
	private static Verdict fromUpstream(Frame frame, FrameContext context) {
		OperationTracker tracker = subscriptions(context.session()).tracker;
		if (tracker.seesUpstream() && frame instanceof TextFrame message && mayEnd(message.text())) {
			JsonNode tree = JsonMessage.of(frame).treeOrMissing();
			String type = tree.path("type").asString("");
			String id = id(tree);
			if (id != null && (type.equals("complete") || type.equals("error"))) {
				tracker.endByUpstream(new OperationKey(SUBSCRIBE, id));
				tracker.endByUpstream(new OperationKey(START, id));
			}
		}
		return Verdict.forward();
	}

	/** Avoids parsing most messages. */
	private static boolean mayEnd(String text) {
		return text.contains("complete") || text.contains("error") || text.contains("\\u");
	}

	private static Subscriptions subscriptions(ProxiedSession session) {
		return (Subscriptions) session.attributes().computeIfAbsent(SUBSCRIPTIONS, (name) -> new Subscriptions());
	}

	private static Verdict error(String id, String problem, FrameContext context) {
		ObjectNode reason = JsonNodeFactory.instance.objectNode().put("message", problem);
		ObjectNode error = JsonNodeFactory.instance.objectNode().put("id", id).put("type", "error");
		if (LEGACY.equals(context.upgrade().subprotocol())) {
			error.set("payload", reason);
		}
		else {
			error.putArray("payload").add(reason);
		}
		return Verdict.reply(JsonMessage.frame(error, FrameType.TEXT));
	}

	/**
	 * The subscriptions of a session, shared by all policies of this kind.
	 */
	private static final class Subscriptions {

		private final OperationTracker tracker = new OperationTracker();

		/** The number of policies that share them. */
		private int users;

	}

	/**
	 * A rule.
	 *
	 * @param operations the kinds of operations that the rule applies to
	 * @param authorities the authorities of which the principal needs one
	 * @param roles the roles of which the principal needs one
	 */
	record Rule(@DefaultValue Set<Operation> operations, @DefaultValue List<String> authorities,
			@DefaultValue List<String> roles) {

	}

	/**
	 * The settings.
	 *
	 * @param rules the rules, of which the first that matches decides; operations that
	 * match none are refused; without rules, all are allowed
	 * @param maxDepth the maximum number of nested fields
	 * @param maxSubscriptions the maximum number of concurrent subscriptions per session
	 * @param otherSubprotocols how to treat sessions with another subprotocol
	 * @param otherMembers additional members of the payload that do not identify a
	 * document
	 */
	record Settings(@DefaultValue List<Rule> rules, @Nullable Integer maxDepth, @Nullable Integer maxSubscriptions,
			@DefaultValue("judge") SubprotocolRule.Others otherSubprotocols, @DefaultValue Set<String> otherMembers) {

	}

}
