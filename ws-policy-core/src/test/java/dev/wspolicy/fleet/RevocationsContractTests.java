package dev.wspolicy.fleet;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What each {@link Revocations} does.
 */
public abstract class RevocationsContractTests {

	protected static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final CloseStatus REVOKED = CloseStatus.of(4401, "token revoked");

	protected final Instant now = Instant.now();

	protected final Instant later = this.now.plusSeconds(3600);

	/** Returns a gateway of the fleet. */
	protected abstract TestMember member();

	/** Returns the revocations of that gateway, or of another one of the fleet. */
	protected abstract Revocations revocations();

	@Test
	void closesTheSessionsOfAToken() {
		member().token("ana", "t1", this.now).token("bob", "t2", this.now);
		TestSession ana = member().open("a", "ana");
		TestSession bob = member().open("b", "bob");
		TestSession anonymous = member().open("c", null);
		FleetOutcome outcome = revoke(Revocation.token("t1", this.later));
		assertThat(outcome.sessions()).isEqualTo(1);
		assertThat(ana.closed()).containsExactly(REVOKED);
		assertThat(bob.closed()).isEmpty();
		assertThat(anonymous.closed()).isEmpty();
	}

	@Test
	void refusesLaterSessionsOfAToken() {
		member().token("ana", "t1", this.now);
		revoke(Revocation.token("t1", this.later));
		assertThat(this.isRevoked("ana", this.later)).isTrue();
		assertThat(member().open("a", "ana").closed()).containsExactly(REVOKED);
		TestSession session = member().open("b", null);
		assertThat(session.closed()).isEmpty();
		member().authenticate(session, () -> "ana");
		assertThat(session.closed()).containsExactly(REVOKED);
	}

	@Test
	void revokesWhatAPrincipalAuthenticatedWithBefore() {
		member().token("ana", null, this.now.minusSeconds(60));
		TestSession session = member().open("a", "ana");
		assertThat(revoke(Revocation.principal("ana", this.now, this.later)).sessions()).isEqualTo(1);
		assertThat(session.closed()).containsExactly(REVOKED);
		member().token("ana", null, this.now);
		assertThat(member().open("b", "ana").closed()).isEmpty();
	}

	@Test
	void withoutATimeOfIssueTheOpeningCounts() {
		TestSession before = member().open("a", "chat", "ana", "10.0.0.1", this.now.minusSeconds(60));
		TestSession after = member().open("b", "chat", "ana", "10.0.0.1", this.now.plusSeconds(60));
		revoke(Revocation.principal("ana", this.now, this.later));
		assertThat(before.closed()).containsExactly(REVOKED);
		assertThat(after.closed()).isEmpty();
	}

	@Test
	void expires() {
		// Neither is over before it has been counted
		revoke(Revocation.token("long ago", this.now.minusSeconds(1)));
		revoke(Revocation.token("later", this.later));
		assertThat(revocations().size()).isEqualTo(1);
		Instant soon = Instant.now().plusMillis(500);
		member().token("ana", "t1", this.now);
		revoke(Revocation.token("t1", soon));
		await().atMost(TIMEOUT).untilAsserted(() -> {
			assertThat(isRevoked("ana", this.now)).isFalse();
			assertThat(revocations().size()).isEqualTo(1);
		});
		assertThat(Instant.now()).isAfterOrEqualTo(soon);
	}

	private boolean isRevoked(String principal, Instant authenticatedAt) {
		return member().revocations().isRevoked(() -> principal, authenticatedAt);
	}

	protected final FleetOutcome revoke(Revocation revocation) {
		FleetOutcome outcome = revocations().revoke(revocation).block(TIMEOUT);
		assertThat(outcome).isNotNull();
		return outcome;
	}

}
