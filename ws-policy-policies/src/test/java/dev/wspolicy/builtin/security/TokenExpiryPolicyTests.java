package dev.wspolicy.builtin.security;

import java.time.Clock;
import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

import dev.wspolicy.builtin.security.TokenExpiryPolicy.Settings.Renew;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Expiry and renewal of tokens, without sockets.
 */
class TokenExpiryPolicyTests extends SecurityPolicyFixture {

	private static final CloseStatus EXPIRED = CloseStatus.of(4401, "token expired");

	@Test
	void sessionClosesWhenThePrincipalExpires() {
		this.principal = new Expiring("ada", NOW.plusSeconds(100));
		Timers timers = new Timers(this.session);
		expiry("principal", true, Duration.ofSeconds(30), NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(60));
		timers.run(0);
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(10));
		timers.run(1);
		ArgumentCaptor<Frame> warning = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(this.session).should().send(ArgumentMatchers.eq(Side.CLIENT), warning.capture());
		assertThat(((TextFrame) warning.getValue()).text()).isEqualTo("soon");
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(30));
		timers.run(2);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, "token-expiry");
	}

	@ParameterizedTest
	@ValueSource(ints = { 30, -30 })
	void sessionClosesByTheClockThatHasBeenSet(int seconds) {
		this.principal = new Expiring("ada", NOW.plusSeconds(80));
		Timers timers = new Timers(this.session);
		expiry("principal", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(60));
		this.step = Duration.ofSeconds(seconds);
		timers.run(0);
		if (seconds < 0) {
			BDDMockito.then(this.session)
				.should(Mockito.never())
				.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.any());
			// No session outlives its token, whatever time it is said to be.
			assertThat(timers.delays()).hasSize(2).endsWith(Duration.ofSeconds(20));
			timers.run(1);
		}
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, "token-expiry");
	}

	@Test
	void expiryOfATokenInAHeader() {
		this.headers.set("X-Token", "bearer " + jwt("{\"exp\":" + NOW.plusSeconds(7).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(7));
	}

	@ParameterizedTest
	@CsvSource({ "true, 1", "false, 0" })
	void missingExpiryClosesTheSessionIfRequired(boolean required, int tasks) {
		Timers timers = new Timers(this.session);
		expiry("principal", required, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).hasSize(tasks).allMatch(Duration::isZero);
		if (required) {
			timers.run(0);
			BDDMockito.then(this.session)
				.should()
				.close(CloseStatus.of(4401, "no token that expires"), CloseStatus.GOING_AWAY, TokenExpiryPolicy.NAME);
		}
	}

	@Test
	void tokenThatExpiredAtTheEpochHasAnExpiry() {
		this.headers.set("X-Token", jwt("{\"exp\":0}"));
		Timers timers = new Timers(this.session);
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ZERO);
		timers.run(0);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, TokenExpiryPolicy.NAME);
	}

	@Test
	void expiryOfTheFirstMessageApplies() {
		Timers timers = new Timers(this.session);
		FirstMessageAuthPolicy first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		expiry("principal", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5));
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(60));
	}

	@Test
	void freshTokenOfTheSameUserRenews() {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		TokenExpiryPolicy policy = expiry("principal", true, null,
				new Renew("/token", "", true, "renewed", "not accepted"));
		policy.onOpen(this.session);
		assertThat(apply(policy, TextFrame.of("{\"text\":\"hello\"}"))).isEqualTo(Verdict.forward());
		assertThat(settled(apply(policy, TextFrame.of("{\"token\":\"good-ada-99\"}")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(60));
		BDDMockito.then(timers.tasks.get(0)).should().cancel();
		BDDMockito.then(timers.tasks.get(1)).should(Mockito.never()).cancel();
		assertThat(this.session.principal()).isEqualTo(new Expiring("ada", NOW.plusSeconds(99)));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void timersAreCancelledWithThePolicy(boolean sessionGoesOn) {
		this.principal = new Expiring("ada", NOW.plusSeconds(100));
		Timers timers = new Timers(this.session);
		TokenExpiryPolicy policy = expiry("principal", true, Duration.ofSeconds(30), NO_RENEWAL);
		policy.onOpen(this.session);
		if (sessionGoesOn) {
			policy.onDetached(this.session);
		}
		else {
			policy.onClose(this.session,
					new Termination(Initiator.CLIENT, Termination.Cause.CLOSE_FRAME, null, null, null, null));
		}
		assertThat(timers.tasks).hasSize(1).allSatisfy((task) -> BDDMockito.then(task).should().cancel());
		assertThat(this.session.attributes()).isEmpty();
	}

	@Test
	void removedPolicyDoesNotWaitForAuthentication() {
		Timers timers = new Timers(this.session);
		FirstMessageAuthPolicy first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		TokenExpiryPolicy gone = expiry("principal", true, null, NO_RENEWAL);
		gone.onOpen(this.session);
		expiry("principal", true, null, NO_RENEWAL).onOpen(this.session);
		gone.onDetached(this.session);
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(60));
	}

	@Test
	void tokenOfTheUpgradeAppliesIfAuthenticationIsWithdrawn() {
		this.headers.set("X-Token", jwt("{\"exp\":" + NOW.plusSeconds(7).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		FirstMessageAuthPolicy first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5));
		first.onDetached(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(7));
		expiry("header:X-Token", true, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(7), Duration.ofSeconds(7));
	}

	@Test
	void renewalOutlivesThePolicy() {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		Renew renew = new Renew("", "RENEW ", true, "", "not accepted");
		TokenExpiryPolicy gone = expiry("principal", true, null, renew);
		gone.onOpen(this.session);
		expiry("principal", true, null, renew).onOpen(this.session);
		assertThat(settled(apply(gone, TextFrame.of("RENEW good-ada-99")))).isEqualTo(Verdict.drop());
		gone.onDetached(this.session);
		timers.run(1);
		BDDMockito.then(this.session)
			.should(Mockito.never())
			.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.anyString());
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(60));
		timers.run(timers.delays().size() - 1);
		timers.run(timers.delays().size() - 1);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, "token-expiry");
	}

	@Test
	void renewalAppliesToPoliciesOfOtherPipelines() {
		this.headers.set("X-Token", jwt("{\"sub\":\"ada\",\"exp\":" + NOW.plusSeconds(10).getEpochSecond() + "}"));
		Timers timers = new Timers(this.session);
		Renew renew = new Renew("", "RENEW ", true, "", "not accepted");
		TokenExpiryPolicy gone = expiry("header:X-Token", true, Duration.ofSeconds(1), renew);
		gone.onOpen(this.session);
		TokenExpiryPolicy successor = expiry("header:X-Token", true, Duration.ofSeconds(1), renew);
		successor.onOpen(this.session);
		assertThat(settled(apply(successor, TextFrame.of("RENEW good-ada-99")))).isEqualTo(Verdict.drop());
		// The policy that is about to be removed
		timers.run(0);
		BDDMockito.then(this.session)
			.should(Mockito.never())
			.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.anyString());
		BDDMockito.then(this.session).should(Mockito.never()).send(ArgumentMatchers.any(), ArgumentMatchers.any());
		expiry("header:X-Token", true, null, renew).onOpen(this.session);
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(60), Duration.ofSeconds(60));
		timers.run(timers.delays().size() - 1);
		timers.run(timers.delays().size() - 1);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, "token-expiry");
	}

	@Test
	void freshTokenWithASchemeRenews() {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		TokenExpiryPolicy policy = expiry("principal", true, null, new Renew("/token", "Bearer ", true, "", ""));
		policy.onOpen(this.session);
		assertThat(apply(policy, TextFrame.of("{\"token\":\"hello\"}"))).isEqualTo(Verdict.forward());
		assertThat(settled(apply(policy, TextFrame.of("{\"token\":\"Bearer good-ada-99\"}"))))
			.isEqualTo(Verdict.drop());
		assertThat(timers.delays()).endsWith(Duration.ofSeconds(60));
	}

	@ParameterizedTest
	@CsvSource({ "'{\"sub\":\"ada\"}', true", "'{\"sub\":\"bob\"}', false", "'{}', false", "'{\"sub\":1}', false",
			", false" })
	void sessionWithoutAPrincipalIsRenewedByTheSubjectOfItsToken(@Nullable String claims, boolean renewed) {
		if (claims != null) {
			this.headers.set("X-Token", "Bearer " + jwt(claims));
		}
		TokenExpiryPolicy policy = expiry("header:X-Token", false, null,
				new Renew("/token", "", true, "", "not accepted"));
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of("{\"token\":\"good-ada-99\"}"))))
			.isEqualTo(renewed ? Verdict.drop() : Verdict.closeSender(CloseStatus.of(4401, "not accepted")));
		assertThat(this.session.principal()).isEqualTo(renewed ? new Expiring("ada", NOW.plusSeconds(99)) : null);
	}

	@Test
	void anonymousSessionIsNotRenewed() {
		this.principal = new AnonymousAuthenticationToken("key", "ada",
				AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));
		TokenExpiryPolicy policy = expiry("principal", false, null, new Renew("/token", "", true, "", "not accepted"));
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of("{\"token\":\"good-ada-99\"}"))))
			.isEqualTo(Verdict.closeSender(CloseStatus.of(4401, "not accepted")));
	}

	@ParameterizedTest
	@CsvSource({ "good-bob-99", "good-ada-0", "bad" })
	void tokenThatHasExpiredOrBelongsToAnotherUserClosesTheSession(String token) {
		this.principal = new Expiring("ada", NOW.plusSeconds(10));
		Timers timers = new Timers(this.session);
		TokenExpiryPolicy policy = expiry("principal", true, null, new Renew("", "RENEW ", true, "", "not accepted"));
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of("RENEW " + token))))
			.isEqualTo(Verdict.closeSender(CloseStatus.of(4401, "not accepted")));
		assertThat(timers.delays()).hasSize(1);
		assertThat(policy.apply(TextFrame.of("RENEW x"), Contexts.frames(Direction.OUTBOUND, this.session)))
			.isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"exp\":1767225600}", "{\"exp\":1767225600.9}", "{\"exp\":\"1767225600\"}",
			"{}", "[]", "x", "{\"exp\":1790000000000}", "{\"exp\":1e99}" })
	void expiryOfAJwt(String claims) {
		JwtClaims read = Objects.requireNonNull(JwtClaims.read(jwt(claims)));
		assertThat(read.expiry()).isEqualTo(claims.startsWith("{\"exp\":1767") ? NOW : null);
		assertThat(JwtClaims.read("a.b")).isNull();
		assertThat(JwtClaims.read("a.!.c")).isNull();
	}

	/**
	 * Such as the end of the year 9999, by which some tokens mean that they do not
	 * expire.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "253402300799", "999999999999" })
	void distantExpiryDoesNotCloseTheSession(String expiry) {
		this.headers.set("X-Token", jwt("{\"exp\":" + expiry + "}"));
		Timers timers = new Timers(this.session);
		expiry("header:X-Token", true, Duration.ofSeconds(30), NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ofMinutes(1));
		timers.run(0);
		BDDMockito.then(this.session)
			.should(Mockito.never())
			.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.any());
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "-9223372036854775808", "-1e99" })
	void expiryBeforeTheEpochClosesTheSession(String expiry) {
		this.headers.set("X-Token", jwt("{\"exp\":" + expiry + "}"));
		Timers timers = new Timers(this.session);
		expiry("header:X-Token", false, null, NO_RENEWAL).onOpen(this.session);
		assertThat(timers.delays()).containsExactly(Duration.ZERO);
		timers.run(0);
		BDDMockito.then(this.session).should().close(EXPIRED, CloseStatus.GOING_AWAY, TokenExpiryPolicy.NAME);
	}

	@ParameterizedTest
	@CsvSource({ "planet, 4401, , '', '', token", "header:, 4401, , '', '', token", "principal, 1005, , '', '', code",
			"principal, 4401, 1s, '', '', warn-before", "principal, 4401, 0s, soon, '', warn-before",
			"principal, 4401, , '', no-pointer, pointer" })
	void invalidSettings(String token, int code, @Nullable String warnBefore, String warning, String pointer,
			String named) {
		Duration before = (warnBefore != null) ? Duration.parse("PT" + warnBefore) : null;
		TokenExpiryPolicy.Settings settings = new TokenExpiryPolicy.Settings(token, true, code, "", before, warning,
				new Renew(pointer, "", true, "", "not accepted"));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RenewableTokenExpiryPolicy(settings, PrincipalExpiry.withFallback(null), this.check,
					Clock.systemUTC()))
			.withMessageStartingWith(named);
	}

}
