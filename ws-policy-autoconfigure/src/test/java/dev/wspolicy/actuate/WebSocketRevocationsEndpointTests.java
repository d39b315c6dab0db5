package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.Reach;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.Revocations;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the endpoint that revokes authentications.
 */
class WebSocketRevocationsEndpointTests {

	private static final String FUTURE = "2999-01-01T00:00:00Z";

	private final List<Revocation> revoked = new ArrayList<>();

	private final List<Object> events = new ArrayList<>();

	private final WebSocketRevocationsEndpoint endpoint = new WebSocketRevocationsEndpoint(new Recorder(this.revoked),
			this.events::add);

	@Test
	void revokes() {
		assertThat(revoke("t", null, null, FUTURE).getStatus()).isEqualTo(200);
		assertThat(revoke(null, "ana", "2020-01-01T00:00:00Z", FUTURE).getStatus()).isEqualTo(200);
		assertThat(this.revoked).containsExactly(Revocation.token("t", Instant.parse(FUTURE)),
				Revocation.principal("ana", Instant.parse("2020-01-01T00:00:00Z"), Instant.parse(FUTURE)));
		assertThat(this.events).hasSize(2);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					t |     |                      | 2020-01-01T00:00:00Z | until: 2020-01-01T00:00:00Z (expected: a time in the future)
					  | ana |                      | 2020-01-01T00:00:00Z | until: 2020-01-01T00:00:00Z (expected: a time in the future)
					t |     |                      | later                | until: later (expected: a time such as 2030-01-31T12:00:00Z)
					t | ana |                      | 2999-01-01T00:00:00Z | token and principal: both are set (expected: one of them)
					  |     |                      | 2999-01-01T00:00:00Z | token and principal: neither is set (expected: one of them)
					t |     | 2020-01-01T00:00:00Z | 2999-01-01T00:00:00Z | issuedBefore: 2020-01-01T00:00:00Z (expected: only with principal)
					""")
	void rejects(@Nullable String token, @Nullable String principal, @Nullable String issuedBefore, String until,
			String message) {
		WebEndpointResponse<Object> response = revoke(token, principal, issuedBefore, until);
		assertThat(response.getStatus()).isEqualTo(400);
		assertThat(response.getBody()).isEqualTo(new Problem(message));
		assertThat(this.revoked).isEmpty();
		assertThat(this.events).isEmpty();
	}

	private WebEndpointResponse<Object> revoke(@Nullable String token, @Nullable String principal,
			@Nullable String issuedBefore, String until) {
		return Objects
			.requireNonNull(this.endpoint.revoke(SecurityContext.NONE, token, principal, issuedBefore, until).block());
	}

	private record Recorder(List<Revocation> revoked) implements Revocations {

		@Override
		public Mono<FleetOutcome> revoke(Revocation revocation) {
			return Mono.fromSupplier(() -> {
				this.revoked.add(revocation);
				return new FleetOutcome(List.of(), new Reach(List.of(), List.of()));
			});
		}

		@Override
		public boolean isRevoked(Principal principal, Instant authenticatedAt) {
			return false;
		}

		@Override
		public int size() {
			return this.revoked.size();
		}

	}

}
