package dev.wspolicy.policy.json;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;

/**
 * A policy on messages that are JSON and have a type. Decodes them with the application's
 * mapper, from the tree that all JSON policies share, and encodes what has changed.
 *
 * @param <T> the type of the messages
 */
public abstract class JsonMessagePolicy<T> implements FramePolicy {

	/** 5 is 5, whatever the size of the number that it was read into. */
	private static final Comparator<JsonNode> SAME = (one, other) -> {
		if (isFinite(one) && isFinite(other)) {
			return one.decimalValue().compareTo(other.decimalValue());
		}
		return one.equals(other) ? 0 : 1;
	};

	private final JsonMapper mapper;

	private final ObjectReader reader;

	/**
	 * A policy.
	 * @param mapper reads and writes messages, the application's own as a rule
	 * @param type the type of the messages
	 */
	protected JsonMessagePolicy(JsonMapper mapper, Class<T> type) {
		this(mapper, mapper.readerFor(type));
	}

	/**
	 * A policy.
	 * @param mapper reads and writes messages, the application's own as a rule
	 * @param type the type of the messages, with its parameters
	 */
	protected JsonMessagePolicy(JsonMapper mapper, TypeReference<T> type) {
		this(mapper, mapper.readerFor(type));
	}

	private JsonMessagePolicy(JsonMapper mapper, ObjectReader reader) {
		this.mapper = mapper;
		this.reader = reader;
	}

	/**
	 * Judge a message.
	 * @param message the message, decoded
	 * @param context where it travels
	 * @return the verdict, never {@code null}
	 */
	protected abstract JsonVerdict<T> apply(T message, FrameContext context);

	/**
	 * Judge a message that is not JSON, or does not fit the type. Closes with 1007 what
	 * it is not overridden for; the side that has not sent the message gets 1001.
	 * @param frame the message
	 * @param context where it travels
	 * @return the verdict, never {@code null}
	 */
	protected Verdict undecodable(Frame frame, FrameContext context) {
		return (context.direction() == Direction.INBOUND)
				? Verdict.close(CloseStatus.INVALID_PAYLOAD, CloseStatus.GOING_AWAY)
				: Verdict.close(CloseStatus.GOING_AWAY, CloseStatus.INVALID_PAYLOAD);
	}

	/** What Jackson writes may be a NaN, which is a number to it and none to JSON. */
	private static boolean isFinite(JsonNode node) {
		return node.isNumber()
				&& (!(node.isDouble() || node.isFloat()) || Double.isFinite(node.numberValue().doubleValue()));
	}

	@Override
	public final Verdict apply(Frame frame, FrameContext context) {
		if (!frame.fin() || !(frame instanceof TextFrame || frame instanceof BinaryFrame)) {
			throw new IllegalStateException(
					"frame: " + frame + " (expected: text or binary, and Granularity." + Granularity.MESSAGE + ")");
		}
		JsonNode tree = JsonMessage.of(frame).tree();
		T message = (tree != null) ? decode(tree) : null;
		return (tree != null && message != null) ? encode(apply(message, context), frame, tree)
				: undecodable(frame, context);
	}

	private @Nullable T decode(JsonNode tree) {
		try {
			return this.reader.readValue(tree);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	private Verdict encode(JsonVerdict<T> verdict, Frame frame, JsonNode tree) {
		if (verdict instanceof JsonVerdict.Plain<T> plain) {
			return plain.verdict();
		}
		if (verdict instanceof JsonVerdict.Replace<T> replace) {
			return encode(replace.messages(), frame, tree);
		}
		if (verdict instanceof JsonVerdict.Reply<T> reply) {
			return Verdict.replyText(this.mapper.writeValueAsString(reply.answer()));
		}
		if (verdict instanceof JsonVerdict.Later<T> later) {
			return Verdict.later(later.verdict().thenApply((settled) -> encode(settled, frame, tree)));
		}
		throw new IllegalStateException("verdict: " + Objects.requireNonNull(verdict, "verdict"));
	}

	private Verdict encode(List<T> messages, Frame frame, JsonNode tree) {
		List<JsonNode> trees = messages.stream().<JsonNode>map(this.mapper::valueToTree).toList();
		if (trees.size() == 1 && trees.get(0).equals(SAME, tree)) {
			return Verdict.forward();
		}
		return Verdict.replace(trees.stream().map((one) -> JsonMessage.frame(one, frame.type())).toArray(Frame[]::new));
	}

}
