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
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.json.JsonNumbers;
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

	/** Compares numbers by value, whatever type they were read into. */
	private static final Comparator<JsonNode> SAME = (one, other) -> {
		if (isFinite(one) && isFinite(other)) {
			return one.decimalValue().compareTo(other.decimalValue());
		}
		return one.equals(other) ? 0 : 1;
	};

	private final JsonMapper mapper;

	private final ObjectReader reader;

	/**
	 * Creates a policy on messages of a class.
	 * @param mapper reads and writes the messages; usually the application's own
	 * @param type the type of the messages
	 */
	protected JsonMessagePolicy(JsonMapper mapper, Class<T> type) {
		this(mapper, mapper.readerFor(type));
	}

	/**
	 * Creates a policy on messages of a generic type.
	 * @param mapper reads and writes the messages; usually the application's own
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
	 * Decides what happens to a message.
	 * @param message the decoded message
	 * @param context where the message travels, and in which session
	 * @return the verdict, never {@code null}
	 */
	protected abstract JsonVerdict<T> apply(T message, FrameContext context);

	/**
	 * Decides what happens to a message that is not JSON, does not match the type, or has
	 * numbers with too many digits. Unless overridden, closes the session: the sender
	 * gets 1007, the other side 1001.
	 * @param frame the message
	 * @param context where the message travels, and in which session
	 * @return the verdict, never {@code null}
	 */
	protected Verdict undecodable(Frame frame, FrameContext context) {
		return Verdict.closeSender(CloseStatus.INVALID_PAYLOAD);
	}

	/** Jackson may write NaN, which is a number in Java but not in JSON. */
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
		if (JsonNumbers.areOutsized(tree)) {
			// 1e99999 is a BigInteger of 40 KB
			return null;
		}
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
			return Verdict.replyText(JsonMessage.encodable(this.mapper.writeValueAsString(reply.answer())));
		}
		if (verdict instanceof JsonVerdict.Later<T> later) {
			return new Verdict.Later(later.verdict().thenApply((settled) -> encode(settled, frame, tree)),
					later.cancellation());
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
