package dev.wspolicy.builtin.access;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import org.springframework.messaging.simp.stomp.StompCommand;

import dev.wspolicy.builtin.access.StompAuthorizationPolicy.OnDenied;
import dev.wspolicy.builtin.access.StompAuthorizationPolicy.Rule;
import dev.wspolicy.builtin.access.StompAuthorizationPolicy.Settings;
import dev.wspolicy.builtin.access.SubprotocolRule.Others;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which STOMP frames are forwarded, and how others are refused.
 */
class StompAuthorizationPolicyTests {

	private static final Verdict DENIED = Verdict.closeSender(CloseStatus.POLICY_VIOLATION);

	/** Part of the body if content-length is 31, and a frame of its own otherwise. */
	private static final String SMUGGLED = "\u0000SEND\ndestination:/app/admin\n\n\u0000";

	private static final List<Rule> RULES = List.of(
			new Rule(Set.of(StompCommand.SEND), List.of("/app/admin/**"), List.of(), List.of("ADMIN")),
			new Rule(Set.of(StompCommand.SEND), List.of("/app/**"), List.of("chat"), List.of()),
			new Rule(Set.of(StompCommand.SUBSCRIBE), List.of("/topic/*", "queue.news"), List.of(), List.of()));

	@ParameterizedTest
	@CsvSource({ "SEND, /app/x, ada, true", "SEND, /app/a/b, ada, true", "SEND, /app/admin/x, ada, false",
			"SEND, /app/admin/x, root, true", "SEND, /app/x, root, false", "SEND, /app/x, , false",
			"SEND, /topic/x, ada, false", "SUBSCRIBE, /topic/x, , true", "SUBSCRIBE, queue.news, , true",
			"SUBSCRIBE, /topic/x/y, ada, false", "SUBSCRIBE, /topic//x, ada, false",
			"SUBSCRIBE, queueXnews, ada, false", "SUBSCRIBE, /app/x, ada, false" })
	void firstMatchingRuleDecides(String command, String destination, @Nullable String principal, boolean allowed) {
		String frame = command + "\ndestination:" + destination + "\nid:0\n\n\u0000";
		assertThat(apply(frame, context(principal, "v12.stomp"))).isEqualTo(allowed ? Verdict.forward() : DENIED);
		assertThat(policy(OnDenied.DROP, Others.JUDGE).apply(BinaryFrame.of(frame.getBytes(StandardCharsets.UTF_8)),
				context(principal, "v10.stomp")))
			.isEqualTo(allowed ? Verdict.forward() : Verdict.drop());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\n", "\r\n\n", "CONNECT\naccept-version:1.2\n\n\u0000", "UNSUBSCRIBE\nid:0\n\n\u0000\n",
			"ACK\nid:0\n\n\u0000ACK\nid:1\n\n\u0000", "SEND\ndestination:/app/x\ncontent-length:2\n\na\u0000\u0000" })
	void framesWithoutADestinationPass(String message) {
		assertThat(apply(message, context("ada", "v12.stomp"))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "SEND\n", "SEND\ndestination:/app/x\n\nno end", "send\ndestination:/app/x\n\n\u0000",
			"EVIL\n\n\u0000", "MESSAGE\ndestination:/app/x\n\n\u0000", "SEND\n\n\u0000",
			"SEND\ndestination:/app/x\ndestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\ncontent-length:99\n\na\u0000", "SEND\nno colon\n\n\u0000",
			"SEND\ndestination:/app/x\n\n\u0000SEND\ndestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\n\n\u0000SEND\ndesti", "{\"type\":\"SEND\"}",
			"SEND\ndestination:/app/x\ncontent-length:31\ncontent-length:1\n\na" + SMUGGLED,
			"SEND\ndestination:/app/x\ncontent-length:1\ncontent-length:1\n\na\u0000",
			"SEND\ndestination:/app/x\ncontent-length:+31\n\na" + SMUGGLED,
			"SEND\ndestination:/app/x\ncontent-length: 31\n\na" + SMUGGLED,
			"SEND\ndestination:/app/x\ncontent-length:031\n\na" + SMUGGLED,
			"SEND\ndestination:/app/x\ncontent-length:\u0663\u0661\n\na" + SMUGGLED,
			"SEND\ndestination:/app/x\ncontent-length:-1\n\na\u0000",
			"SEND\ndestination:/app/x\ncontent-length:4294967297\n\na\u0000",
			"SEND\ndestination:/app/x\ncontent-length:\n\na\u0000",
			"SEND\ndestination:/app/x\nContent-Length:1\n\na\u0000",
			"SEND\ndestination:/app/x\ncontent-length :1\n\na\u0000",
			"CONNECT\ncontent-length:0\ncontent-length:31\n\n\u0000",
			"SEND\ndestination:/app/x\nDestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\n destination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\nx:\u0000\n\nSEND\ndestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\nx\u0000:\n\n\u0000", "SEND\ndestination:/app/x \n\n\u0000",
			"SEND\ndestination:/app/x\\n\n\n\u0000", "SEND\ndestination:/app/\ufffd\n\n\u0000",
			"\ufeffSEND\n\n\u0000" })
	void ambiguousFramesAreRefused(String message) {
		assertThat(apply(message, context("ada", "v12.stomp"))).isEqualTo(DENIED);
	}

	@Test
	void binaryThatIsNotUtf8IsRefused() {
		byte[] frame = "SEND\ndestination:/app/@dmin/x\n\n\u0000".getBytes(StandardCharsets.ISO_8859_1);
		// An overlong encoding of the letter a, which lenient decoders accept
		byte[] overlong = new String(frame, StandardCharsets.ISO_8859_1).replace("@", "\u00c1\u00a1")
			.getBytes(StandardCharsets.ISO_8859_1);
		assertThat(policy(OnDenied.ERROR, Others.JUDGE).apply(BinaryFrame.of(overlong), context("ada", "v12.stomp")))
			.isEqualTo(DENIED);
	}

	@ParameterizedTest
	@CsvSource({ "/topic/*, ada, false", "/topic/*, root, true", "/topic/**, root, false", "/topic/#, root, true",
			"/topic/#, ada, false", "/topic/>, root, false", "'/topic/a,/topic/admin', root, false",
			"/topic/%61dmin, ada, false", "/topic/admin, ada, false", "/topic/admin, root, true",
			"/topic/a, ada, true" })
	void wildcardDestinationsRequireAllRules(String destination, String principal, boolean allowed) {
		List<Rule> rules = List.of(
				new Rule(Set.of(StompCommand.SUBSCRIBE), List.of("/topic/admin"), List.of(), List.of("ADMIN")),
				new Rule(Set.of(StompCommand.SUBSCRIBE), List.of("/topic/*", "/topic/#"), List.of(), List.of()));
		String frame = "SUBSCRIBE\nid:1\ndestination:" + destination + "\n\n\u0000";
		assertThat(new StompAuthorizationPolicy(new Settings(rules, OnDenied.ERROR, Others.JUDGE),
				StompAuthorizationPolicyTests::authorities)
			.apply(TextFrame.of(frame), context(principal, "v12.stomp")))
			.isEqualTo(allowed ? Verdict.forward() : DENIED);
	}

	@ParameterizedTest
	@CsvSource({ "x-queue-name:orders, ada, false", "x-queue-name:orders, root, true", "x-queue-name:mine, ada, true",
			"x-queue-name:mine/x, ada, false", "x-queue-name:, ada, false", "X-Queue-Name:mine, ada, false",
			"'x-queue-name:mine\nx-queue-name:orders', ada, false", "x-other:orders, ada, true" })
	void queueNameOfASubscriptionIsChecked(String header, String principal, boolean allowed) {
		List<Rule> rules = List.of(
				new Rule(Set.of(StompCommand.SUBSCRIBE), List.of("/topic/*", "/amq/queue/mine"), List.of(), List.of()),
				new Rule(Set.of(StompCommand.SUBSCRIBE), List.of("/amq/queue/orders"), List.of(), List.of("ADMIN")));
		String frame = "SUBSCRIBE\nid:1\ndestination:/topic/a\n" + header + "\n\n\u0000";
		assertThat(new StompAuthorizationPolicy(new Settings(rules, OnDenied.ERROR, Others.JUDGE),
				StompAuthorizationPolicyTests::authorities)
			.apply(TextFrame.of(frame), context(principal, "v12.stomp")))
			.isEqualTo(allowed ? Verdict.forward() : DENIED);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "[\"CONNECT\\naccept-version:1.2\\n\\n\\u0000\"] | true", "[\"\\n\"] | true",
			"[] | true", "[\"SEND\\ndestination:/app/x\\n\\n\\u0000\"] | true",
			"[\"SEND\\ndestination:/app/x\\n\\n\\u0000\",\"SEND\\ndestination:/app/admin\\n\\n\\u0000\"] | false",
			"[\"SEND\\ndestination:/app/\\u0061dmin/x\\n\\n\\u0000\"] | false",
			"[\"SEND\\ndestination:/app/x\\n\",\"\\n\\u0000\"] | false", "[[\"\\n\"]] | false", "[1] | false",
			"[\"\\n\"] x | false", "[\"\\n\" | false", "\"SEND\\ndestination:/app/x\\n\\n\\u0000\" | false" })
	void stompWithinSockJsIsChecked(String message, boolean allowed) {
		assertThat(apply(message, context("ada", null))).isEqualTo(allowed ? Verdict.forward() : DENIED);
		assertThat(apply(" \n" + message, context("ada", null))).isEqualTo(allowed ? Verdict.forward() : DENIED);
	}

	@ParameterizedTest
	@CsvSource({ "\\ud800, false", "x\\udc00y, false", "\\ud83d\\ude00, true" })
	void sockJsWithUnpairedSurrogatesIsRefused(String body, boolean allowed) {
		assertThat(apply("[\"SEND\\ndestination:/app/x\\n\\n" + body + "\\u0000\"]", context("ada", null)))
			.isEqualTo(allowed ? Verdict.forward() : DENIED);
	}

	@Test
	void errorToSockJsIsASockJsMessage() {
		FrameContext context = context("ada", null);
		apply("[\"SEND\\ndestination:/secret\\nreceipt:r-1\\n\\nbody\\u0000\"]", context);
		ArgumentCaptor<Frame> sent = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(context.session()).should().send(ArgumentMatchers.eq(Side.CLIENT), sent.capture());
		String error = ((TextFrame) sent.getValue()).text();
		assertThat(error).startsWith("a[\"ERROR\\n").contains("receipt-id:r-1\\n").endsWith("\\n\\n\\u0000\"]");
	}

	@Test
	void errorContainsTheReceiptButNoPayload() {
		FrameContext context = context("ada", "v12.stomp");
		apply("SEND\ndestination:/secret\nreceipt:r-1\n\nbody\u0000", context);
		ArgumentCaptor<Frame> sent = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(context.session()).should().send(ArgumentMatchers.eq(Side.CLIENT), sent.capture());
		String error = ((TextFrame) sent.getValue()).text();
		assertThat(error).startsWith("ERROR\n")
			.contains("message:Access denied\n", "receipt-id:r-1\n")
			.endsWith("\n\n\u0000")
			.doesNotContain("secret")
			.doesNotContain("body");
	}

	@Test
	void otherSubprotocolsAreCheckedByDefault() {
		String denied = "SEND\ndestination:/x\n\n\u0000";
		assertThat(apply(denied, context("ada", null))).isEqualTo(DENIED);
		assertThat(apply(denied, context("ada", "chat"))).isEqualTo(DENIED);
		StompAuthorizationPolicy lenient = policy(OnDenied.ERROR, Others.FORWARD);
		assertThat(lenient.apply(TextFrame.of(denied), context("ada", "chat"))).isEqualTo(Verdict.forward());
		assertThat(lenient.apply(TextFrame.of(denied), context("ada", "v11.stomp"))).isEqualTo(DENIED);
	}

	@Test
	void longMessagesOfOtherSubprotocolsDoNotWaitForAWorker() {
		TextFrame message = TextFrame.of("x".repeat(64 * 1024));
		assertThat(policy(OnDenied.ERROR, Others.FORWARD).apply(message, context("ada", "chat")))
			.isEqualTo(Verdict.forward());
		assertThat(policy(OnDenied.ERROR, Others.JUDGE).apply(message, context("ada", "chat")))
			.isInstanceOf(Verdict.Later.class);
	}

	@Test
	void manyFramesInOneMessageAreJudgedOnAWorker() {
		String frames = "SEND\ndestination:/app/x\n\n\u0000".repeat(400);
		StompAuthorizationPolicy policy = policy(OnDenied.ERROR, Others.JUDGE);
		assertThat(policy.apply(TextFrame.of(frames), context("ada", "v12.stomp"))).isInstanceOfSatisfying(
				Verdict.Later.class,
				(later) -> assertThat(later.verdict().toCompletableFuture().join()).isEqualTo(Verdict.forward()));
	}

	@Test
	void outboundMessagesPass() {
		FrameContext inbound = context(null, "v12.stomp");
		assertThat(policy(OnDenied.ERROR, Others.JUDGE).apply(TextFrame.of("MESSAGE\ndestination:/x\n\n\u0000"),
				Contexts.frames(Direction.OUTBOUND, inbound.session())))
			.isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource({ "**, /app//admin, true", "/app/**, /app//admin, false", "/app/admin, /app//admin, false",
			"/app/**, /app/admin/, false", "/app/admin, /app/admin/, false", "/app/admin/, /app/admin/, true",
			"/app/admin/, /app/admin, false", "/app//admin, /app//admin, true", "/app//admin, /app/admin, false",
			"**, /app/admin, true", "**, queue, true" })
	void emptyPartsMatchOnlyEqualText(String pattern, String destination, boolean fits) {
		assertThat(DestinationPattern.of(pattern).matches(destination)).isEqualTo(fits);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/topic/{x}", "/topic/a?b", " " })
	void invalidPatterns(String destination) {
		assertThatIllegalArgumentException().isThrownBy(() -> DestinationPattern.of(destination))
			.withMessageContaining("'" + destination + "'");
	}

	@ParameterizedTest
	@CsvSource({ "/topic/a*b*c, /topic/axxbyyc, true", "/topic/a*b*c, /topic/abc, true",
			"/topic/a*b*c, /topic/abcb, false", "/topic/*-*, /topic/a-b-c, true", "/topic/*-*, /topic/ab, false",
			"/topic/*a, /topic/aaba, true", "/topic/a*, /topic/a, true", "/topic/a*, /topic/b, false",
			"/topic/**/x*, /topic/a/b/xy, true" })
	void wildcardsWithinParts(String pattern, String destination, boolean fits) {
		assertThat(DestinationPattern.of(pattern).matches(destination)).isEqualTo(fits);
	}

	@Test
	@Timeout(20)
	void manyWildcardsMatchInLinearTime() {
		assertThat(DestinationPattern.of("/topic/*a*a*a*b").matches("/topic/" + "a".repeat(1_000_000))).isFalse();
	}

	@Test
	void rolesRequirePrincipalAuthorities() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new StompAuthorizationPolicy(new Settings(RULES, OnDenied.ERROR, Others.JUDGE), null))
			.withMessageContaining("PrincipalAuthorities");
	}

	private static Verdict apply(String message, FrameContext context) {
		return policy(OnDenied.ERROR, Others.JUDGE).apply(TextFrame.of(message), context);
	}

	private static StompAuthorizationPolicy policy(OnDenied onDenied, Others others) {
		return new StompAuthorizationPolicy(new Settings(RULES, onDenied, others),
				StompAuthorizationPolicyTests::authorities);
	}

	private static List<String> authorities(Principal principal) {
		return principal.getName().equals("root") ? List.of("ROLE_ADMIN") : List.of("chat", "talk");
	}

	private static FrameContext context(@Nullable String principal, @Nullable String subprotocol) {
		UpgradeContext upgrade = Contexts.upgrade(new HttpHeaders(), List.of(), principal);
		BDDMockito.given(upgrade.subprotocol()).willReturn(subprotocol);
		return Contexts.frames(Direction.INBOUND, Contexts.session(upgrade));
	}

}
