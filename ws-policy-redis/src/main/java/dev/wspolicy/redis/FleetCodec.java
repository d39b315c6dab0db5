package dev.wspolicy.redis;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.FleetOutcome.Answer;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.SessionCursor;
import dev.wspolicy.fleet.SessionEntry;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;

/**
 * Writes and reads what gateways tell each other, as JSON. Sessions are arrays, because
 * there are many of them. Readers ignore what they do not know, so that gateways of
 * different versions get along.
 */
final class FleetCodec {

	private static final JsonMapper JSON = JsonMapper.builder().build();

	/** The protocol of sessions whose gateway does not tell it. */
	private static final String HTTP_1_1 = "HTTP/1.1";

	private static final Set<String> CRITERIA = Set.of("id", "route", "pipeline", "path", "principal", "address",
			"state", "minAge", "minIdle");

	private FleetCodec() {
	}

	static String write(SessionEntry entry) {
		ArrayNode array = JSON.createArrayNode();
		// First, so that readers know the order without reading all
		array.add(entry.openedAt().getEpochSecond())
			.add(entry.openedAt().getNano())
			.add(entry.route())
			.add(entry.pipeline())
			.add(entry.path())
			.add(entry.principal())
			.add(entry.address())
			.add(entry.port())
			.add(entry.subprotocol())
			.add(entry.lastActivityAt().toEpochMilli())
			.add(entry.open() ? 1 : 0);
		add(array, entry.inbound());
		add(array, entry.outbound());
		array.add(entry.protocol());
		return array.toString();
	}

	private static String text(Instant time) {
		return time.toString();
	}

	private static void add(ArrayNode array, TrafficCounts counts) {
		array.add(counts.frames()).add(counts.messages()).add(counts.bytes());
	}

	/** Returns the entry, or {@code null} if it cannot be read. */
	static @Nullable SessionEntry readEntry(String id, String gateway, String json) {
		try {
			JsonNode array = JSON.readTree(json);
			return new SessionEntry(id, gateway, array.path(2).asString(""), array.path(3).asString(""),
					array.path(4).asString(""), string(array.path(5)), string(array.path(6)), array.path(7).asInt(0),
					array.path(17).asString(HTTP_1_1), string(array.path(8)),
					Instant.ofEpochSecond(array.path(0).asLong(0), array.path(1).asLong(0)),
					Instant.ofEpochMilli(array.path(9).asLong(0)), array.path(10).asInt(1) == 1, counts(array, 11),
					counts(array, 14));
		}
		catch (JacksonException | DateTimeException ex) {
			return null;
		}
	}

	/** Returns the position of a session without reading all of its entry. */
	static @Nullable SessionCursor readCursor(String id, String json) {
		int first = json.indexOf(',');
		int second = json.indexOf(',', first + 1);
		if (second < 0) {
			return null;
		}
		try {
			return new SessionCursor(Instant.ofEpochSecond(Long.parseLong(json, 1, first, 10),
					Long.parseLong(json, first + 1, second, 10)), id);
		}
		catch (NumberFormatException | DateTimeException ex) {
			return null;
		}
	}

	/** Returns a position as a text that sorts like it. */
	static String place(SessionCursor cursor) {
		return String.format(Locale.ROOT, "%011d%09d", cursor.openedAt().getEpochSecond(), cursor.openedAt().getNano())
				+ cursor.id();
	}

	/** Returns a text as it stands in JSON, with its quotation marks. */
	static String quoted(String text) {
		return JSON.writeValueAsString(text);
	}

	private static TrafficCounts counts(JsonNode array, int index) {
		return new TrafficCounts(array.path(index).asLong(0), array.path(index + 1).asLong(0),
				array.path(index + 2).asLong(0));
	}

	private static @Nullable String string(JsonNode node) {
		return node.isString() ? node.stringValue() : null;
	}

	static String write(FleetGateway gateway) {
		ObjectNode node = JSON.createObjectNode();
		node.put("started", text(gateway.startedAt()))
			.put("sessions", gateway.sessions())
			.put("draining", gateway.draining());
		add(node.putArray("in"), gateway.inbound());
		add(node.putArray("out"), gateway.outbound());
		DrainProgress drain = gateway.drain();
		if (drain != null) {
			node.putObject("drain")
				.put("since", text(drain.since()))
				.put("window", drain.window().toString())
				.put("code", drain.code())
				.put("sessions", drain.sessions())
				.put("left", drain.left());
		}
		return node.toString();
	}

	static FleetGateway readGateway(String name, String json, int sessions, Duration lag) {
		try {
			JsonNode node = JSON.readTree(json);
			JsonNode drain = node.path("drain");
			DrainProgress progress = !drain.isObject() ? null
					: new DrainProgress(Instant.parse(drain.path("since").asString("")),
							Duration.parse(drain.path("window").asString("")), drain.path("code").asInt(0),
							drain.path("sessions").asInt(0), drain.path("left").asInt(0));
			return new FleetGateway(name, Instant.parse(node.path("started").asString("")), sessions,
					node.path("draining").asBoolean(false), progress, counts(node.path("in"), 0),
					counts(node.path("out"), 0), lag, true);
		}
		catch (JacksonException | DateTimeException ex) {
			return FleetGateway.unreachable(name);
		}
	}

	static String write(FleetCommand command) {
		ObjectNode node = JSON.createObjectNode();
		if (command instanceof FleetCommand.Close close) {
			// An older version must not close all at once
			node.put("do", (close.window() != null) ? "close-within" : "close");
			add(node, close.selector());
			add(node, close.status());
			put(node, "window", close.window());
		}
		else if (command instanceof FleetCommand.Send send) {
			node.put("do", "send").put("side", send.side().name()).put("text", send.text());
			add(node, send.selector());
		}
		else if (command instanceof FleetCommand.BeginDrain begin) {
			node.put("do", "drain").put("gateway", begin.gateway());
			if (begin.window() != null) {
				node.put("window", begin.window().toString());
			}
			if (begin.status() != null) {
				add(node, begin.status());
			}
		}
		else if (command instanceof FleetCommand.EndDrain end) {
			node.put("do", "end-drain").put("gateway", end.gateway());
		}
		else if (command instanceof FleetCommand.Revoke revoke) {
			node.put("do", "revoke").put("what", write(revoke.revocation()));
		}
		else if (command instanceof FleetCommand.SwitchPolicy override) {
			node.put("do", "switch").put("what", write(override.override()));
		}
		else if (command instanceof FleetCommand.UndoSwitch undo) {
			node.put("do", "undo-switch").put("what", write(undo.target()));
		}
		return node.toString();
	}

	private static void add(ObjectNode node, SessionSelector selector) {
		ObjectNode criteria = node.putObject("of");
		put(criteria, "id", selector.id());
		put(criteria, "route", selector.route());
		put(criteria, "pipeline", selector.pipeline());
		put(criteria, "path", selector.path());
		put(criteria, "principal", selector.principal());
		put(criteria, "address", selector.address());
		put(criteria, "state", selector.state());
		put(criteria, "minAge", selector.minAge());
		put(criteria, "minIdle", selector.minIdle());
	}

	private static void put(ObjectNode node, String name, @Nullable Object value) {
		if (value != null) {
			node.put(name, value.toString());
		}
	}

	private static void add(ObjectNode node, CloseStatus status) {
		node.put("code", status.code()).put("reason", status.reason());
	}

	/** Returns the command, or {@code null} if this version does not know it. */
	static @Nullable FleetCommand readCommand(String json) {
		try {
			JsonNode node = JSON.readTree(json);
			return switch (node.path("do").asString("")) {
				case "close" -> new FleetCommand.Close(selector(node), status(node));
				case "close-within" -> new FleetCommand.Close(selector(node), status(node),
						Duration.parse(node.path("window").asString("")));
				case "send" -> new FleetCommand.Send(selector(node), Side.valueOf(node.path("side").asString("")),
						node.path("text").asString(""));
				case "drain" -> new FleetCommand.BeginDrain(node.path("gateway").asString(""),
						duration(node.path("window")), node.has("code") ? status(node) : null);
				case "end-drain" -> new FleetCommand.EndDrain(node.path("gateway").asString(""));
				case "revoke" -> {
					Revocation revocation = readRevocation(node.path("what").asString(""));
					yield (revocation != null) ? new FleetCommand.Revoke(revocation) : null;
				}
				case "switch" -> {
					RolloutOverride override = readOverride(node.path("what").asString(""));
					yield (override != null) ? new FleetCommand.SwitchPolicy(override) : null;
				}
				case "undo-switch" ->
					new FleetCommand.UndoSwitch(target(JSON.readTree(node.path("what").asString(""))));
				default -> null;
			};
		}
		catch (JacksonException | DateTimeException | IllegalArgumentException ex) {
			return null;
		}
	}

	private static SessionSelector selector(JsonNode node) {
		JsonNode criteria = node.path("of");
		if (!criteria.isObject()) {
			throw new IllegalArgumentException("no selector");
		}
		for (String name : criteria.propertyNames()) {
			// A criterion that is ignored would select more sessions
			if (!CRITERIA.contains(name) || !criteria.path(name).isString()) {
				throw new IllegalArgumentException(name);
			}
		}
		return new SessionSelector(string(criteria.path("id")), string(criteria.path("route")),
				string(criteria.path("pipeline")), string(criteria.path("path")), string(criteria.path("principal")),
				string(criteria.path("address")), state(criteria.path("state")), duration(criteria.path("minAge")),
				duration(criteria.path("minIdle")));
	}

	private static SessionSelector.@Nullable State state(JsonNode node) {
		return node.isString() ? SessionSelector.State.valueOf(node.stringValue()) : null;
	}

	private static @Nullable Duration duration(JsonNode node) {
		return node.isString() ? Duration.parse(node.stringValue()) : null;
	}

	private static CloseStatus status(JsonNode node) {
		int code = node.path("code").asInt(0);
		return (code == CloseStatus.EMPTY.code()) ? CloseStatus.EMPTY
				: CloseStatus.of(code, node.path("reason").asString(""));
	}

	static String write(Revocation revocation) {
		ArrayNode array = JSON.createArrayNode();
		if (revocation instanceof Revocation.Token token) {
			array.add("token").add(token.id());
		}
		else if (revocation instanceof Revocation.Issued issued) {
			array.add("principal").add(issued.principal()).add(text(issued.before()));
		}
		return array.add(text(revocation.until())).toString();
	}

	/** Returns the revocation, or {@code null} if this version does not know it. */
	static @Nullable Revocation readRevocation(String json) {
		try {
			JsonNode array = JSON.readTree(json);
			String value = array.path(1).asString("");
			return switch (array.path(0).asString("")) {
				case "token" -> Revocation.token(value, Instant.parse(array.path(2).asString("")));
				case "principal" -> Revocation.principal(value, Instant.parse(array.path(2).asString("")),
						Instant.parse(array.path(3).asString("")));
				default -> null;
			};
		}
		catch (JacksonException | DateTimeException | IllegalArgumentException ex) {
			return null;
		}
	}

	static String write(PolicyTarget target) {
		return node(target).toString();
	}

	private static ObjectNode node(PolicyTarget target) {
		ObjectNode node = JSON.createObjectNode().put("pipeline", target.pipeline()).put("policy", target.policy());
		put(node, "list", target.list());
		put(node, "route", target.route());
		return node;
	}

	static String write(RolloutOverride override) {
		Rollout rollout = override.rollout();
		ObjectNode node = node(override.target()).put("mode", rollout.mode().name())
			.put("by", override.operator())
			.put("since", text(override.since()));
		if (rollout.percent() < 100) {
			node.put("share", BigDecimal.valueOf(rollout.percent()).toPlainString() + "%")
				.put("rest", rollout.rest().name());
		}
		put(node, "until", override.until());
		return node.toString();
	}

	/** Returns the override, or {@code null} if this version does not know it. */
	static @Nullable RolloutOverride readOverride(String json) {
		try {
			JsonNode node = JSON.readTree(json);
			String rest = string(node.path("rest"));
			String until = string(node.path("until"));
			Rollout rollout = Rollout.of(PolicyMode.valueOf(node.path("mode").asString("")), string(node.path("share")),
					(rest != null) ? PolicyMode.valueOf(rest) : null);
			return new RolloutOverride(target(node), rollout, node.path("by").asString(""),
					Instant.parse(node.path("since").asString("")), (until != null) ? Instant.parse(until) : null);
		}
		catch (JacksonException | DateTimeException | IllegalArgumentException ex) {
			return null;
		}
	}

	private static PolicyTarget target(JsonNode node) {
		String pipeline = string(node.path("pipeline"));
		String policy = string(node.path("policy"));
		if (pipeline == null || policy == null) {
			throw new IllegalArgumentException("no policy");
		}
		String list = string(node.path("list"));
		return new PolicyTarget(pipeline, policy, (list != null) ? PolicyList.valueOf(list) : null,
				string(node.path("route")));
	}

	static String write(Answer answer) {
		return JSON.createObjectNode()
			.put("gateway", answer.gateway())
			.put("sessions", answer.sessions())
			.put("problem", answer.problem())
			.toString();
	}

	static @Nullable Answer readAnswer(String json) {
		try {
			JsonNode node = JSON.readTree(json);
			return new Answer(node.path("gateway").asString(""), node.path("sessions").asLong(0),
					node.path("problem").asString(""));
		}
		catch (JacksonException ex) {
			return null;
		}
	}

}
