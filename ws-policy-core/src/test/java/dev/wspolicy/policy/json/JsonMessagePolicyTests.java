package dev.wspolicy.policy.json;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.json.JsonMessage;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Policies on messages that are mapped to a Java type.
 */
class JsonMessagePolicyTests {

	private static final JsonMapper MAPPER = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.build();

	@Test
	void decodesWithTheApplicationsMapper() {
		Verdict verdict = apply("{\"room_name\":\"lobby\",\"likes\":1}", (chat) -> {
			assertThat(chat).isEqualTo(new Chat("lobby", 1L));
			return JsonVerdict.replace(new Chat("attic", chat.likes() + 1));
		});
		assertThat(text(verdict)).isEqualTo("{\"room_name\":\"attic\",\"likes\":2}");
	}

	@Test
	void unchangedMessageIsForwarded() {
		assertThat(apply("{ \"likes\":1, \"room_name\":\"lobby\" }", JsonVerdict::replace)).isSameAs(Verdict.forward());
		assertThat(apply("{\"likes\":1,\"room_name\":\"lobby\"}", (chat) -> JsonVerdict.forward()))
			.isSameAs(Verdict.forward());
	}

	@Test
	void changedMessageIsNotParsedAgain() {
		Verdict verdict = apply("{\"room_name\":\"a\",\"likes\":1}", (chat) -> JsonVerdict.replace(new Chat("b", 1L)));
		Frame frame = ((Verdict.Replace) verdict).frames().get(0);
		assertThat(JsonMessage.of(frame).tree()).hasToString("{\"room_name\":\"b\",\"likes\":1}");
	}

	@Test
	void nanIsAChange() {
		JsonMessagePolicy<Double> policy = new JsonMessagePolicy<Double>(MAPPER, Double.class) {

			@Override
			protected JsonVerdict<Double> apply(Double message, FrameContext context) {
				return JsonVerdict.replace(Double.NaN);
			}

		};
		assertThat(text(policy.apply(TextFrame.of("1.5"), Contexts.inbound()))).isEqualTo("\"NaN\"");
	}

	@Test
	void unknownMembersKeepTheirNotation() {
		String json = "{\"a\":-0,\"b\":[-0.0,1.10,1e5],\"c\":\"\\ud800\"}";
		TypeReference<Map<String, Object>> type = new TypeReference<>() {
		};
		JsonMessagePolicy<Map<String, Object>> policy = new JsonMessagePolicy<>(MAPPER, type) {

			@Override
			protected JsonVerdict<Map<String, Object>> apply(Map<String, Object> message, FrameContext context) {
				message.put("seen", true);
				return JsonVerdict.replace(message);
			}

		};
		Verdict verdict = policy.apply(TextFrame.of(json), Contexts.inbound());
		byte[] written = ((Verdict.Replace) verdict).frames().get(0).toByteArray();
		assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo(json.replace("\"}", "\",\"seen\":true}"));
	}

	@Test
	void hugeNumbersAreUndecodable() {
		TypeReference<List<BigInteger>> type = new TypeReference<>() {
		};
		JsonMessagePolicy<List<BigInteger>> policy = new JsonMessagePolicy<>(MAPPER, type) {

			@Override
			protected JsonVerdict<List<BigInteger>> apply(List<BigInteger> message, FrameContext context) {
				return JsonVerdict.forward();
			}

		};
		assertThat(policy.apply(TextFrame.of("[1e99999" + ",1e99999".repeat(100_000) + "]"), Contexts.inbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD));
		assertThat(policy.apply(TextFrame.of("[1e300,-0,12]"), Contexts.inbound())).isSameAs(Verdict.forward());
	}

	@Test
	void unpairedSurrogatesInRepliesAreEscaped() {
		Verdict verdict = apply("{\"likes\":1}", (chat) -> JsonVerdict.reply(Map.of("error", "\ud800")));
		assertThat(((Verdict.Reply) verdict).frames().get(0).toByteArray())
			.isEqualTo("{\"error\":\"\\ud800\"}".getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void replacesWithNoneOrSeveral() {
		assertThat(((Verdict.Replace) apply("{\"likes\":1}", (chat) -> JsonVerdict.replace(chat, chat))).frames())
			.hasSize(2);
		assertThat(((Verdict.Replace) apply("{\"likes\":1}", (chat) -> JsonVerdict.replace())).frames()).isEmpty();
	}

	@Test
	void otherVerdicts() {
		assertThat(apply("{\"likes\":1}", (chat) -> JsonVerdict.drop())).isEqualTo(Verdict.drop());
		assertThat(apply("{\"likes\":1}", (chat) -> JsonVerdict.close(CloseStatus.TOO_BIG)))
			.isEqualTo(Verdict.close(CloseStatus.TOO_BIG));
		assertThat(apply("{\"likes\":1}", (chat) -> JsonVerdict.reply(Map.of("error", "no")))).isInstanceOfSatisfying(
				Verdict.Reply.class,
				(reply) -> assertThat(((TextFrame) reply.frames().get(0)).text()).isEqualTo("{\"error\":\"no\"}"));
	}

	@Test
	void laterVerdicts() {
		CompletableFuture<JsonVerdict<Chat>> decision = new CompletableFuture<>();
		Verdict verdict = apply("{\"likes\":1}", (chat) -> JsonVerdict.later(decision));
		decision.complete(JsonVerdict.replace(new Chat("late", 2L)));
		assertThat(((Verdict.Later) verdict).verdict())
			.isCompletedWithValueMatching((settled) -> text(settled).equals("{\"room_name\":\"late\",\"likes\":2}"));
		verdict = apply("{\"likes\":1}", (chat) -> JsonVerdict.later(Mono.just(JsonVerdict.drop())));
		assertThat(((Verdict.Later) verdict).verdict()).isCompletedWithValue(Verdict.drop());
		verdict = apply("{\"likes\":1}", (chat) -> JsonVerdict.later(Mono.empty()));
		assertThat(((Verdict.Later) verdict).verdict()).isCompletedExceptionally();
	}

	@ParameterizedTest
	@ValueSource(strings = { "hello", "null", "[]", "{\"likes\":\"many\"}", "{\"likes\":1,\"likes\":2}" })
	void undecodableMessagesCloseTheSession(String text) {
		ChatPolicy policy = new ChatPolicy((chat) -> JsonVerdict.forward());
		assertThat(policy.apply(TextFrame.of(text), Contexts.inbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD));
		assertThat(policy.apply(TextFrame.of(text), Contexts.outbound()))
			.isEqualTo(Verdict.closeSender(CloseStatus.INVALID_PAYLOAD));
	}

	@Test
	void policyMayHandleUndecodableMessages() {
		JsonMessagePolicy<List<Integer>> policy = new JsonMessagePolicy<List<Integer>>(MAPPER,
				new TypeReference<List<Integer>>() {
				}) {

			@Override
			protected JsonVerdict<List<Integer>> apply(List<Integer> message, FrameContext context) {
				return JsonVerdict.replace(List.of(message.size()));
			}

			@Override
			protected Verdict undecodable(Frame frame, FrameContext context) {
				return Verdict.forward();
			}

		};
		assertThat(policy.apply(TextFrame.of("hello"), Contexts.inbound())).isSameAs(Verdict.forward());
		Verdict verdict = policy.apply(BinaryFrame.of(new byte[] { '[', '7', ']' }), Contexts.inbound());
		assertThat(((Verdict.Replace) verdict).frames()).singleElement()
			.isInstanceOfSatisfying(BinaryFrame.class,
					(frame) -> assertThat(frame.toByteArray()).isEqualTo(new byte[] { '[', '1', ']' }));
	}

	@Test
	void requiresWholeMessages() {
		ChatPolicy policy = new ChatPolicy((chat) -> JsonVerdict.forward());
		assertThatIllegalStateException().isThrownBy(() -> policy.apply(PingFrame.of(new byte[0]), Contexts.inbound()))
			.withMessageContaining("MESSAGE");
	}

	private static Verdict apply(String text, Function<Chat, JsonVerdict<Chat>> judge) {
		return new ChatPolicy(judge).apply(TextFrame.of(text), Contexts.inbound());
	}

	private static String text(Verdict verdict) {
		return ((TextFrame) ((Verdict.Replace) verdict).frames().get(0)).text();
	}

	record Chat(@Nullable String roomName, long likes) {

	}

	private static final class ChatPolicy extends JsonMessagePolicy<Chat> {

		private final Function<Chat, JsonVerdict<Chat>> judge;

		ChatPolicy(Function<Chat, JsonVerdict<Chat>> judge) {
			super(MAPPER, Chat.class);
			this.judge = judge;
		}

		@Override
		protected JsonVerdict<Chat> apply(Chat message, FrameContext context) {
			return this.judge.apply(message);
		}

	}

}
