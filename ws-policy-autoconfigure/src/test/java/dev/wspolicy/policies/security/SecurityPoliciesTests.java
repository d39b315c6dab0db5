package dev.wspolicy.policies.security;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.ArgumentCaptor;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.Contexts;
import dev.wspolicy.policies.security.AuthenticatedOnly.Early;
import dev.wspolicy.policies.security.TokenExpiry.Settings.Renew;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.Wait;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The policies that ask who the client is, without sockets.
 */
class SecurityPoliciesTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private static final CloseStatus EXPIRED = CloseStatus.of(4401, "token expired");

	private static final Verdict REFUSED = Verdict.close(CloseStatus.of(4401, "authentication required"),
			CloseStatus.GOING_AWAY);

	private static final Termination REPLACED = new Termination(Initiator.GATEWAY, Termination.Cause.REPLACED, null,
			null, null, null);

	private static final Renew NO_RENEWAL = new Renew("", "", true, "");

	private final HttpHeaders headers = new HttpHeaders();

	private @Nullable Principal principal;

	private final ProxiedSession session = session();

	private final CredentialsCheck check = (credentials, session) -> {
		if (credentials instanceof Credentials.Token token && token.value().startsWith("good-")) {
			String[] parts = token.value().split("-");
			return Mono.just(new Expiring(parts[1], NOW.plusSeconds(Long.parseLong(parts[2]))));
		}
		return (credentials instanceof Credentials.UsernamePassword user && user.password().equals("secret"))
				? Mono.just(user::username) : Mono.empty();
	};

	// first-message-auth

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "/auth/token | '' | {\"auth\":{\"token\":\"good-ada-60\"}}",
					"/auth/token | '' | {\"auth\":{\"t\\u006fken\":\"good-ada-60\"}}",
					"/params/1 | '' | {\"params\":[true,\"good-ada-60\"]}", "'' | 'AUTH ' | AUTH good-ada-60",
					"'' | '' | good-ada-60" })
	void tokenIsFoundWhereTheSettingsSay(String pointer, String prefix, String message) {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, pointer, prefix, true, "");
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of(message)))).isEqualTo(Verdict.drop());
		assertThat(this.session.principal()).isNotNull().extracting(Principal::getName).isEqualTo("ada");
		assertThat(apply(policy, TextFrame.of("anything"))).isEqualTo(Verdict.forward());
		assertThat(apply(policy, BinaryFrame.of(new byte[1]))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "/token | '' | {\"token\":\"bad\"}", "/token | '' | {\"token\":1}",
					"/token | '' | {\"token\":\" \"}", "/token | '' | {\"x\":\"good-ada-60\"}",
					"/token | '' | good-ada-60", "/token | '' | {\"token\":\"good-ada-60\",\"token\":\"x\"}",
					"'' | 'AUTH ' | good-ada-60", "'' | 'AUTH ' | 'AUTH '", "'' | '' | ' '" })
	void whatIsNoGoodTokenClosesTheSession(String pointer, String prefix, String message) {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, pointer, prefix, true, "");
		assertThat(settled(apply(policy, TextFrame.of(message)))).isEqualTo(REFUSED);
		assertThat(this.session.principal()).isNull();
	}

	@Test
	void binaryAndLongMessagesAreNoCredentials() {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThat(apply(policy, BinaryFrame.of("good-ada-60".getBytes(StandardCharsets.UTF_8)))).isEqualTo(REFUSED);
		assertThat(apply(policy, TextFrame.of("good-ada-60" + " ".repeat(1024)))).isEqualTo(REFUSED);
	}

	@Test
	void nameAndPassword() {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.PASSWORD, "", "", false, "welcome");
		String wrong = "{\"username\":\"ada\",\"password\":\"guess\"}";
		assertThat(settled(apply(policy, TextFrame.of(wrong)))).isEqualTo(REFUSED);
		assertThat(apply(policy, TextFrame.of("{\"username\":\"ada\"}"))).isEqualTo(REFUSED);
		String right = "{\"username\":\"ada\",\"password\":\"secret\"}";
		assertThat(settled(apply(policy, TextFrame.of(right)))).isEqualTo(Verdict.forward());
		assertThat(this.session.principal()).isNotNull().extracting(Principal::getName).isEqualTo("ada");
		ArgumentCaptor<Frame> reply = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(this.session).should().send(ArgumentMatchers.eq(Side.CLIENT), reply.capture());
		assertThat(((TextFrame) reply.getValue()).text()).isEqualTo("welcome");
	}

	@Test
	void deadlineClosesTheSessionOnlyIfNobodyHasCome() {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		ScheduledTask timer = Mockito.mock(ScheduledTask.class);
		ArgumentCaptor<Runnable> task = ArgumentCaptor.forClass(Runnable.class);
		BDDMockito.given(this.session.schedule(ArgumentMatchers.eq(Duration.ofSeconds(5)), task.capture()))
			.willReturn(timer);
		policy.onOpen(this.session);
		task.getValue().run();
		BDDMockito.then(this.session)
			.should()
			.close(CloseStatus.of(4401, "authentication required"), CloseStatus.GOING_AWAY);
		assertThat(settled(apply(policy, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		BDDMockito.then(timer).should().cancel();
		task.getValue().run();
		BDDMockito.then(this.session).should().close(ArgumentMatchers.any(), ArgumentMatchers.any());
	}

	@Test
	void deadlineGoesWithThePolicyAndTheNextOneHasItsOwn() {
		Timers timers = new Timers(this.session);
		FirstMessageAuth gone = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		gone.onOpen(this.session);
		FirstMessageAuth successor = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		successor.onOpen(this.session);
		gone.onClose(this.session, REPLACED);
		BDDMockito.then(timers.tasks.get(0)).should().cancel();
		BDDMockito.then(timers.tasks.get(1)).should(Mockito.never()).cancel();
		assertThat(apply(successor, BinaryFrame.of(new byte[1]))).isEqualTo(REFUSED);
		assertThat(settled(apply(successor, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		BDDMockito.then(timers.tasks.get(1)).should().cancel();
	}

	@Test
	void whoIsInNeedsNotProveItToTheNextPolicy() {
		Timers timers = new Timers(this.session);
		FirstMessageAuth gone = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		gone.onOpen(this.session);
		assertThat(settled(apply(gone, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		FirstMessageAuth successor = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		successor.onOpen(this.session);
		gone.onClose(this.session, REPLACED);
		assertThat(timers.delays()).hasSize(1);
		assertThat(apply(successor, TextFrame.of("anything"))).isEqualTo(Verdict.forward());
	}

	@Test
	void deadlineOfAPolicyThatComesTooLateIsCancelled() {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		AuthenticationGate gate = AuthenticationGate.of(this.session);
		gate.open();
		ScheduledTask timer = Mockito.mock(ScheduledTask.class);
		gate.guard(policy, timer);
		BDDMockito.then(timer).should().cancel();
		assertThat(gate.settled()).isCompleted();
	}

	@Test
	void checkThatFailsIsAFailureOfThePolicy() {
		FirstMessageAuth policy = new FirstMessageAuth(settings(Credentials.Kind.TOKEN, "", "", true, ""),
				(credentials, session) -> Mono.error(new IllegalStateException("nobody there: " + credentials)));
		Verdict.Later later = (Verdict.Later) apply(policy, TextFrame.of("good-ada-60"));
		assertThat(later.verdict().toCompletableFuture()).isCompletedExceptionally();
		assertThat(later.verdict().toCompletableFuture().handle((verdict, ex) -> String.valueOf(ex)).join())
			.contains("nobody there")
			.doesNotContain("good-ada-60");
	}

	@Test
	void firstMessageAuthIsForClients() {
		FirstMessageAuth policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThatIllegalStateException()
			.isThrownBy(() -> policy.apply(TextFrame.of("x"), Contexts.frames(Direction.OUTBOUND, this.session)));
	}

	@Test
	void whatComesTooEarlyFromTheUpstreamWaitsOrIsDropped() {
		FramePolicy hold = new AuthenticatedOnly(new AuthenticatedOnly.Settings(Early.HOLD));
		FramePolicy drop = new AuthenticatedOnly(new AuthenticatedOnly.Settings(Early.DROP));
		FirstMessageAuth first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		CompletableFuture<Verdict> held = ((Verdict.Later) outbound(hold)).verdict().toCompletableFuture();
		CompletableFuture<Verdict> cancelled = ((Verdict.Later) outbound(hold)).verdict().toCompletableFuture();
		assertThat(outbound(drop)).isEqualTo(Verdict.drop());
		assertThat(held).isNotDone();
		cancelled.cancel(false);
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(held).isCompletedWithValue(Verdict.forward());
		assertThat(outbound(hold)).isEqualTo(Verdict.forward());
		assertThat(outbound(drop)).isEqualTo(Verdict.forward());
	}

	@Test
	void whatComesTooEarlyWaitsAsLongAsTheClientHasTime() {
		FramePolicy hold = new AuthenticatedOnly(new AuthenticatedOnly.Settings(Early.HOLD));
		FramePolicy drop = new AuthenticatedOnly(new AuthenticatedOnly.Settings(Early.DROP));
		FirstMessageAuth first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThat(first.longestWait(List.of(drop, first, hold)))
			.isEqualTo(new Wait(Duration.ofSeconds(5), "deadline"));
		assertThat(first.longestWait(List.of(drop, first))).isNull();
		assertThat(hold.longestWait(List.of(drop, first, hold))).isNull();
	}

	// token-expiry

	@Test
	void sessionClosesWhenThePrincipalExpires() {
		this.principal = new Expiring("ada", NOW.plusSeconds(100));
		Timers timers = new Timers(this.session);
		expiry("principal", true, Duration.ofSeconds(30), NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(100), Duration.ofSeconds(70));
		timers.run(1);
		ArgumentCaptor<Frame> warning = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(this.session).should().send(ArgumentMatchers.eq(Side.CLIENT), warning.capture());
		assertThat(((TextFrame) warning.getValue()).text()).isEqualTo("soon");
		timers.run(0);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY);
	}

	@Test
	void expiryIsReadFromTheTokenInAHeader() {
		this.headers.set("X-Token", "bearer " + jwt("{\"exp\":" + NOW.plusSeconds(7).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(7));
	}

	@ParameterizedTest
	@CsvSource({ "true, 1", "false, 0" })
	void withoutAnExpiryTheSessionEndsAtOnceIfOneIsRequired(boolean required, int tasks) {
		Timers timers = new Timers(this.session);
		expiry("principal", required, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).hasSize(tasks).allMatch(Duration::isZero);
	}

	@Test
	void expiryAfterTheFirstMessageCounts() {
		Timers timers = new Timers(this.session);
		FirstMessageAuth first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		expiry("principal", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5));
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(60));
	}

	@Test
	void freshTokenOfTheSameUserPutsTheEndOff() {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		TokenExpiry policy = expiry("principal", true, null, new Renew("/token", "", true, "renewed"));
		policy.onOpen(this.session);
		assertThat(apply(policy, TextFrame.of("{\"text\":\"hello\"}"))).isEqualTo(Verdict.forward());
		assertThat(settled(apply(policy, TextFrame.of("{\"token\":\"good-ada-99\"}")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(99));
		BDDMockito.then(timers.tasks.get(0)).should().cancel();
		BDDMockito.then(timers.tasks.get(1)).should(Mockito.never()).cancel();
		assertThat(this.session.principal()).isEqualTo(new Expiring("ada", NOW.plusSeconds(99)));
	}

	@ParameterizedTest
	@EnumSource(value = Termination.Cause.class, names = { "REPLACED", "CLOSE_FRAME" })
	void policyThatIsGoneEndsNothing(Termination.Cause cause) {
		this.principal = new Expiring("ada", NOW.plusSeconds(100));
		Timers timers = new Timers(this.session);
		TokenExpiry policy = expiry("principal", true, Duration.ofSeconds(30), NO_RENEWAL);
		policy.onOpen(this.session);
		policy.onClose(this.session, new Termination(Initiator.GATEWAY, cause, null, null, null, null));
		assertThat(timers.tasks).hasSize(2).allSatisfy((task) -> BDDMockito.then(task).should().cancel());
		assertThat(this.session.attributes()).isEmpty();
	}

	@Test
	void policyThatIsGoneDoesNotWaitForTheFirstMessageEither() {
		Timers timers = new Timers(this.session);
		FirstMessageAuth first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		TokenExpiry gone = expiry("principal", true, null, NO_RENEWAL);
		gone.onOpen(this.session);
		expiry("principal", true, null, NO_RENEWAL).onOpen(this.session);
		gone.onClose(this.session, REPLACED);
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(60));
	}

	@Test
	void tokenOfTheUpgradeCountsOnceNobodyAsksForAFirstMessage() {
		this.headers.set("X-Token", jwt("{\"exp\":" + NOW.plusSeconds(7).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		FirstMessageAuth first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5));
		first.onClose(this.session, REPLACED);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(7));
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(7), Duration.ofSeconds(7));
	}

	@Test
	void renewalThatTheFormerPolicyTookIsKeptToByTheNextOne() {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		Renew renew = new Renew("", "RENEW ", true, "");
		TokenExpiry gone = expiry("principal", true, null, renew);
		gone.onOpen(this.session);
		expiry("principal", true, null, renew).onOpen(this.session);
		assertThat(settled(apply(gone, TextFrame.of("RENEW good-ada-99")))).isEqualTo(Verdict.drop());
		gone.onClose(this.session, REPLACED);
		timers.run(1);
		BDDMockito.then(this.session).should(Mockito.never()).close(ArgumentMatchers.any(), ArgumentMatchers.any());
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(99));
		timers.run(timers.delays().size() - 1);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY);
	}

	@Test
	void renewalCountsForPoliciesThatCameOrWentWithARefresh() {
		this.headers.set("X-Token", jwt("{\"exp\":" + NOW.plusSeconds(10).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		Renew renew = new Renew("", "RENEW ", true, "");
		TokenExpiry gone = expiry("header:X-Token", true, Duration.ofSeconds(1), renew);
		gone.onOpen(this.session);
		TokenExpiry successor = expiry("header:X-Token", true, Duration.ofSeconds(1), renew);
		successor.onOpen(this.session);
		assertThat(settled(apply(successor, TextFrame.of("RENEW good-ada-99")))).isEqualTo(Verdict.drop());
		// The end and the warning of the one that is about to go
		timers.run(0);
		timers.run(1);
		BDDMockito.then(this.session).should(Mockito.never()).close(ArgumentMatchers.any(), ArgumentMatchers.any());
		BDDMockito.then(this.session).should(Mockito.never()).send(ArgumentMatchers.any(), ArgumentMatchers.any());
		expiry("header:X-Token", true, null, renew).onOpen(this.session);
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(99), Duration.ofSeconds(98), Duration.ofSeconds(99));
		timers.run(timers.delays().size() - 1);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY);
	}

	@ParameterizedTest
	@CsvSource({ "good-bob-99", "good-ada-0", "bad" })
	void tokenThatIsNotFreshOrOfSomebodyElseClosesTheSession(String token) {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		TokenExpiry policy = expiry("principal", true, null, new Renew("", "RENEW ", true, ""));
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of("RENEW " + token))))
			.isEqualTo(Verdict.close(EXPIRED, CloseStatus.GOING_AWAY));
		assertThat(timers.delays()).hasSize(1);
		assertThat(policy.apply(TextFrame.of("RENEW x"), Contexts.frames(Direction.OUTBOUND, this.session)))
			.isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"exp\":1767225600}", "{\"exp\":1767225600.9}", "{\"exp\":\"1767225600\"}",
			"{}", "[]", "x", "{\"exp\":1e99}" })
	void expiryOfAJwt(String claims) {
		Instant expiry = JwtExpiry.read(jwt(claims));
		assertThat(expiry).isEqualTo(claims.startsWith("{\"exp\":1767") ? NOW : null);
		assertThat(JwtExpiry.read("a.b")).isNull();
		assertThat(JwtExpiry.read("a.!.c")).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "planet, 4401, , '', '', token", "header:, 4401, , '', '', token", "principal, 1005, , '', '', code",
			"principal, 4401, 1s, '', '', warn-before", "principal, 4401, 0s, soon, '', warn-before",
			"principal, 4401, , '', no-pointer, pointer" })
	void settingsOfNoUse(String token, int code, @Nullable String warnBefore, String warning, String pointer,
			String named) {
		Duration before = (warnBefore != null) ? Duration.parse("PT" + warnBefore) : null;
		TokenExpiry.Settings settings = new TokenExpiry.Settings(token, true, code, "", before, warning,
				new Renew(pointer, "", true, ""));
		assertThatIllegalArgumentException().isThrownBy(
				() -> new RenewableTokenExpiry(settings, PrincipalExpiry.orElse(null), this.check, Clock.systemUTC()))
			.withMessageStartingWith(named);
	}

	@Test
	void credentialsKeepTheirSecrets() {
		assertThat(new Credentials.Token("abc").toString()).doesNotContain("abc");
		assertThat(new Credentials.UsernamePassword("ada", "abc").toString()).contains("ada").doesNotContain("abc");
	}

	private TokenExpiry expiry(String token, boolean required, @Nullable Duration warnBefore, Renew renew) {
		TokenExpiry.Settings settings = new TokenExpiry.Settings(token, required, 4401, "token expired", warnBefore,
				(warnBefore != null) ? "soon" : "", renew);
		Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
		PrincipalExpiry principals = PrincipalExpiry.orElse(null);
		return renew.equals(NO_RENEWAL) ? new TokenExpiry(settings, principals, clock)
				: new RenewableTokenExpiry(settings, principals, this.check, clock);
	}

	private FirstMessageAuth firstMessage(Credentials.Kind kind, String pointer, String prefix, boolean swallow,
			String reply) {
		return new FirstMessageAuth(settings(kind, pointer, prefix, swallow, reply), this.check);
	}

	private static FirstMessageAuth.Settings settings(Credentials.Kind kind, String pointer, String prefix,
			boolean swallow, String reply) {
		return new FirstMessageAuth.Settings(kind, pointer, prefix, "/username", "/password", Duration.ofSeconds(5),
				DataSize.ofKilobytes(1), swallow, reply, 4401, "authentication required");
	}

	private Verdict apply(FramePolicy policy, Frame frame) {
		return policy.apply(frame, Contexts.frames(Direction.INBOUND, this.session));
	}

	private Verdict outbound(FramePolicy policy) {
		return policy.apply(TextFrame.of("early"), Contexts.frames(Direction.OUTBOUND, this.session));
	}

	private static Verdict settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later) ? later.verdict().toCompletableFuture().join() : verdict;
	}

	private static String jwt(String claims) {
		Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
		return "e30." + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
	}

	private ProxiedSession session() {
		ProxiedSession mock = Contexts.session(Contexts.upgrade(this.headers, List.of(), null));
		BDDMockito.given(mock.principal()).willAnswer((call) -> this.principal);
		BDDMockito.willAnswer((call) -> this.principal = Objects.requireNonNull(call.<Principal>getArgument(0)))
			.given(mock)
			.principal(ArgumentMatchers.any());
		BDDMockito.given(mock.isOpen()).willReturn(true);
		BDDMockito.given(mock.schedule(ArgumentMatchers.any(), ArgumentMatchers.any()))
			.willReturn(Mockito.mock(ScheduledTask.class));
		return mock;
	}

	private record Expiring(String name, Instant expiresAt) implements ExpiringPrincipal {

		@Override
		public String getName() {
			return this.name;
		}

	}

	/**
	 * What is scheduled in a session, and runs when the test says so.
	 */
	private static final class Timers {

		private final List<Duration> delays = new ArrayList<>();

		private final List<Runnable> actions = new ArrayList<>();

		private final List<ScheduledTask> tasks = new ArrayList<>();

		Timers(ProxiedSession session) {
			BDDMockito.willAnswer((call) -> {
				this.delays.add(call.getArgument(0));
				this.actions.add(call.getArgument(1));
				this.tasks.add(Mockito.mock(ScheduledTask.class));
				return this.tasks.get(this.tasks.size() - 1);
			}).given(session).schedule(ArgumentMatchers.any(), ArgumentMatchers.any());
		}

		List<Duration> delays() {
			return this.delays;
		}

		void run(int index) {
			this.actions.get(index).run();
		}

	}

}
