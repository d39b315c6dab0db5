package dev.wspolicy.builtin;

import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import dev.wspolicy.builtin.SessionLimitPolicy.Settings;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The session limit, without sessions.
 */
class SessionLimitPolicyTests {

	/** What the gateways count together. */
	private final LocalSessionPlaces places = new LocalSessionPlaces();

	/** What this gateway counts alone. */
	private final LocalSessionPlaces own = new LocalSessionPlaces();

	@ParameterizedTest
	@CsvSource({ "gateway, 503", "fleet, 503", "ROUTE, 503", "principal, 429", "address, 429", "header:X-Api-Key, 429",
			"path:device, 429", "attribute:tenant, 429" })
	void refusesUpgradesAboveTheLimit(String scope, int status) {
		UpgradePolicy policy = limit(2, scope, "");
		Admission first = accepted(policy, "ada");
		accepted(policy, "ada");
		UpgradeVerdict.Refuse refusal = (UpgradeVerdict.Refuse) verdict(policy, "ada");
		assertThat(refusal.status().value()).isEqualTo(status);
		assertThat(refusal.headers().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("2");
		first.onEnd();
		first.onEnd();
		accepted(policy, "ada");
		assertThat(verdict(policy, "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
	}

	@Test
	void principalsAreCountedSeparatelyAndOthersByAddress() {
		UpgradePolicy policy = limit(1, "principal", "");
		accepted(policy, "ada");
		accepted(policy, "bob");
		accepted(policy, null);
		assertThat(verdict(policy, null)).isInstanceOf(UpgradeVerdict.Refuse.class);
	}

	@Test
	void groupsAreCountedSeparately() {
		accepted(limit(1, "gateway", ""), "ada");
		accepted(limit(1, "gateway", "chat"), "ada");
		assertThat(verdict(limit(1, "gateway", ""), "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
		assertThat(verdict(limit(1, "gateway", "chat"), "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
		accepted(limit(2, "gateway", "chat"), "ada");
	}

	@Test
	void countsOnSubscription() {
		UpgradePolicy policy = limit(1, "gateway", "");
		assertThat(policy.apply(upgrade("ada"))).isNotNull();
		assertThat(this.own.size()).isZero();
		accepted(policy, "ada").onEnd();
		assertThat(this.own.size()).isZero();
	}

	@Test
	void onlyTheScopeGatewayCountsThisGatewayAlone() {
		for (String scope : List.of("fleet", "route", "principal", "address")) {
			accepted(limit(1, scope, ""), "ada");
		}
		assertThat(this.places.size()).isEqualTo(4);
		assertThat(this.own.size()).isZero();
		accepted(limit(1, "gateway", ""), "ada");
		assertThat(this.places.size()).isEqualTo(4);
		assertThat(this.own.size()).isEqualTo(1);
	}

	@Test
	void oldestSessionIsClosed() {
		UpgradePolicy policy = closingOldest(1);
		ProxiedSession first = open(accepted(policy, "ada"), "ada");
		verifyNoClose(first);
		ProxiedSession second = open(accepted(policy, "ada"), "ada");
		BDDMockito.then(first)
			.should()
			.close(CloseStatus.of(4409, "elsewhere"), CloseStatus.GOING_AWAY, SessionLimitPolicy.NAME);
		verifyNoClose(second);
		assertThat(this.places.count("/principal ada")).isEqualTo(1);
	}

	@Test
	void sessionThatIsDisplacedWhileItOpensIsClosedThen() {
		UpgradePolicy policy = closingOldest(1);
		Admission first = accepted(policy, "ada");
		accepted(policy, "ada");
		ProxiedSession session = open(first, "ada");
		BDDMockito.then(session)
			.should()
			.close(CloseStatus.of(4409, "elsewhere"), CloseStatus.GOING_AWAY, SessionLimitPolicy.NAME);
	}

	@Test
	void laterPrincipalCountsInPlaceOfTheAddress() {
		UpgradePolicy policy = limit(1, "principal", "");
		Admission admission = accepted(policy, null);
		ProxiedSession session = open(admission, null);
		authenticate(session, admission, "ada");
		assertThat(this.places.count("/address 127.0.0.1")).isZero();
		assertThat(this.places.count("/principal ada")).isEqualTo(1);
		assertThat(verdict(policy, "ada")).isInstanceOf(UpgradeVerdict.Refuse.class);
		admission.onEnd();
		assertThat(this.places.size()).isZero();
	}

	@Test
	void laterPrincipalThatHasTooManySessionsIsClosed() {
		UpgradePolicy policy = limit(1, "principal", "");
		accepted(policy, "ada");
		Admission admission = accepted(policy, null);
		ProxiedSession session = open(admission, null);
		authenticate(session, admission, "ada");
		BDDMockito.then(session)
			.should()
			.close(SessionLimitPolicy.TOO_MANY, CloseStatus.GOING_AWAY, SessionLimitPolicy.NAME);
		assertThat(this.places.count("/address 127.0.0.1")).isEqualTo(1);
		admission.onEnd();
		assertThat(this.places.size()).isEqualTo(1);
	}

	@Test
	void samePrincipalKeepsItsPlace() {
		UpgradePolicy policy = limit(1, "principal", "");
		Admission admission = accepted(policy, "ada");
		ProxiedSession session = open(admission, "ada");
		authenticate(session, admission, "ada");
		verifyNoClose(session);
		assertThat(this.places.count("/principal ada")).isEqualTo(1);
	}

	@Test
	void principalDoesNotMatterToOtherScopes() {
		Admission admission = accepted(limit(1, "address", ""), null);
		ProxiedSession session = open(admission, null);
		authenticate(session, admission, "ada");
		verifyNoClose(session);
		assertThat(this.places.count("/address 127.0.0.1")).isEqualTo(1);
	}

	@Test
	void lastOfSeveralPrincipalsCounts() {
		Sinks.One<Place> late = Sinks.one();
		AtomicInteger released = new AtomicInteger();
		SessionPlaces slow = new SessionPlaces() {

			@Override
			public Mono<Place> take(PlaceRequest request) {
				return request.key().endsWith("ada") ? late.asMono()
						: SessionLimitPolicyTests.this.places.take(request);
			}

			@Override
			public int size() {
				return 0;
			}

		};
		UpgradePolicy policy = new SessionLimitPolicy(settings(1, "principal", OnExceed.REFUSE), slow, this.own, null);
		Admission admission = accepted(policy, null);
		ProxiedSession session = open(admission, null);
		authenticate(session, admission, "ada");
		authenticate(session, admission, "bob");
		late.tryEmitValue(released::incrementAndGet);
		assertThat(this.places.count("/principal bob")).isEqualTo(1);
		admission.onEnd();
		assertThat(this.places.size()).isZero();
		verifyNoClose(session);
	}

	@Test
	void placeThatIsTakenAfterTheEndIsGivenBack() {
		Sinks.One<Place> late = Sinks.one();
		SessionPlaces slow = new SessionPlaces() {

			@Override
			public Mono<Place> take(PlaceRequest request) {
				return request.key().endsWith("ada")
						? Mono.from(late.asMono()).then(SessionLimitPolicyTests.this.places.take(request))
						: SessionLimitPolicyTests.this.places.take(request);
			}

			@Override
			public int size() {
				return 0;
			}

		};
		UpgradePolicy policy = new SessionLimitPolicy(settings(1, "principal", OnExceed.REFUSE), slow, this.own, null);
		Admission admission = accepted(policy, null);
		authenticate(open(admission, null), admission, "ada");
		admission.onEnd();
		late.tryEmitEmpty();
		assertThat(this.places.size()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ ", 1s, 4409, max", "0, 1s, 4409, max", "1, 0s, 4409, retry-after", "1, 1s, 1006, code" })
	void invalidSettings(@Nullable Integer max, String retryAfter, int code, String named) {
		Settings settings = new Settings(max, "gateway", "", OnExceed.CLOSE_OLDEST, code, "",
				Duration.parse("PT" + retryAfter), 64, null, null);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new SessionLimitPolicy(settings, this.places, this.own, null))
			.withMessageStartingWith(named);
	}

	private UpgradePolicy limit(int max, String scope, String group) {
		Settings settings = new Settings(max, scope, group, OnExceed.REFUSE, 4409, "replaced by a newer session",
				Duration.ofMillis(1500), 64, null, null);
		return new SessionLimitPolicy(settings, this.places, this.own, null);
	}

	private UpgradePolicy closingOldest(int max) {
		return new SessionLimitPolicy(settings(max, "principal", OnExceed.CLOSE_OLDEST), this.places, this.own, null);
	}

	private static Settings settings(int max, String scope, OnExceed onExceed) {
		return new Settings(max, scope, "", onExceed, 4409,
				(onExceed == OnExceed.CLOSE_OLDEST) ? "elsewhere" : "replaced by a newer session",
				Duration.ofSeconds(5), 64, null, null);
	}

	private static ProxiedSession open(Admission admission, @Nullable String principal) {
		ProxiedSession session = Contexts.session(upgrade(principal));
		admission.onOpen(session);
		return session;
	}

	private static void authenticate(ProxiedSession session, Admission admission, String name) {
		Principal principal = () -> name;
		BDDMockito.given(session.principal()).willReturn(principal);
		admission.onPrincipal(session);
	}

	private static void verifyNoClose(ProxiedSession session) {
		BDDMockito.then(session)
			.should(Mockito.never())
			.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.any());
	}

	private static Admission accepted(UpgradePolicy policy, @Nullable String principal) {
		return ((UpgradeVerdict.AcceptWith) verdict(policy, principal)).admission();
	}

	private static UpgradeVerdict verdict(UpgradePolicy policy, @Nullable String principal) {
		return policy.apply(upgrade(principal)).block();
	}

	private static UpgradeContext upgrade(@Nullable String principal) {
		return Contexts.upgrade(new HttpHeaders(), List.of(), principal);
	}

}
