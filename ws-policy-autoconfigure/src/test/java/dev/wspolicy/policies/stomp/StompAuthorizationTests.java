package dev.wspolicy.policies.stomp;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import org.springframework.messaging.simp.stomp.StompCommand;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.Contexts;
import dev.wspolicy.policies.SubprotocolRule.Others;
import dev.wspolicy.policies.stomp.StompAuthorization.OnDenied;
import dev.wspolicy.policies.stomp.StompAuthorization.Rule;
import dev.wspolicy.policies.stomp.StompAuthorization.Settings;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Who may send and subscribe where.
 */
class StompAuthorizationTests {

	private static final Verdict DENIED = Verdict.close(CloseStatus.POLICY_VIOLATION, CloseStatus.GOING_AWAY);

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
	void firstRuleThatFitsDecides(String command, String destination, @Nullable String principal, boolean allowed) {
		String frame = command + "\ndestination:" + destination + "\nid:0\n\n\u0000";
		assertThat(apply(frame, context(principal, "v12.stomp"))).isEqualTo(allowed ? Verdict.forward() : DENIED);
		assertThat(policy(OnDenied.DROP, Others.JUDGE).apply(BinaryFrame.of(frame.getBytes(StandardCharsets.UTF_8)),
				context(principal, "v10.stomp")))
			.isEqualTo(allowed ? Verdict.forward() : Verdict.drop());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\n", "\r\n\n", "CONNECT\naccept-version:1.2\n\n\u0000", "UNSUBSCRIBE\nid:0\n\n\u0000\n",
			"ACK\nid:0\n\n\u0000ACK\nid:1\n\n\u0000", "SEND\ndestination:/app/x\ncontent-length:2\n\na\u0000\u0000" })
	void whatNeedsNoRulePasses(String message) {
		assertThat(apply(message, context("ada", "v12.stomp"))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@ValueSource(strings = { "SEND\n", "SEND\ndestination:/app/x\n\nno end", "send\ndestination:/app/x\n\n\u0000",
			"EVIL\n\n\u0000", "MESSAGE\ndestination:/app/x\n\n\u0000", "SEND\n\n\u0000",
			"SEND\ndestination:/app/x\ndestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\ncontent-length:99\n\na\u0000", "SEND\nno colon\n\n\u0000",
			"SEND\ndestination:/app/x\n\n\u0000SEND\ndestination:/app/admin/x\n\n\u0000",
			"SEND\ndestination:/app/x\n\n\u0000SEND\ndesti", "{\"type\":\"SEND\"}" })
	void whatCanBeReadInAnotherWayIsRefused(String message) {
		assertThat(apply(message, context("ada", "v12.stomp"))).isEqualTo(DENIED);
	}

	@Test
	void errorNamesTheReceiptAndNothingOfTheMessage() {
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
	void otherSubprotocolsAreJudgedUnlessTheyMayPass() {
		String denied = "SEND\ndestination:/x\n\n\u0000";
		assertThat(apply(denied, context("ada", null))).isEqualTo(DENIED);
		assertThat(apply(denied, context("ada", "chat"))).isEqualTo(DENIED);
		StompAuthorization lenient = policy(OnDenied.ERROR, Others.FORWARD);
		assertThat(lenient.apply(TextFrame.of(denied), context("ada", "chat"))).isEqualTo(Verdict.forward());
		assertThat(lenient.apply(TextFrame.of(denied), context("ada", "v11.stomp"))).isEqualTo(DENIED);
	}

	@Test
	void whatTheBrokerSendsPasses() {
		FrameContext inbound = context(null, "v12.stomp");
		assertThat(policy(OnDenied.ERROR, Others.JUDGE).apply(TextFrame.of("MESSAGE\ndestination:/x\n\n\u0000"),
				Contexts.frames(Direction.OUTBOUND, inbound.session())))
			.isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource({ "**, /app//admin, false", "/app/**, /app//admin, false", "/app/admin, /app//admin, false",
			"/app//admin, /app//admin, true", "/app//admin, /app/admin, false", "**, /app/admin, true",
			"**, queue, true" })
	void emptyPartsFitOnlyWhatIsEqual(String pattern, String destination, boolean fits) {
		assertThat(DestinationPattern.of(pattern).matches(destination)).isEqualTo(fits);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/topic/{x}", "/topic/a?b", " " })
	void patternsMeanNothingUnasked(String destination) {
		assertThatIllegalArgumentException().isThrownBy(() -> DestinationPattern.of(destination))
			.withMessageContaining("'" + destination + "'");
	}

	@Test
	void rolesNeedSomebodyWhoKnowsThem() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new StompAuthorization(new Settings(RULES, OnDenied.ERROR, Others.JUDGE), null))
			.withMessageContaining("PrincipalAuthorities");
	}

	private static Verdict apply(String message, FrameContext context) {
		return policy(OnDenied.ERROR, Others.JUDGE).apply(TextFrame.of(message), context);
	}

	private static StompAuthorization policy(OnDenied onDenied, Others others) {
		return new StompAuthorization(new Settings(RULES, onDenied, others), StompAuthorizationTests::authorities);
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
