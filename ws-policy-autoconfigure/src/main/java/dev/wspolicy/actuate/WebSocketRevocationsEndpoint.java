package dev.wspolicy.actuate;

import java.time.Instant;
import java.time.format.DateTimeParseException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.context.ApplicationEventPublisher;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.Revocations;

/**
 * {@link WebEndpoint @WebEndpoint} that revokes tokens, and what a principal has
 * authenticated with so far. It is read-only unless its access is set to unrestricted.
 */
@WebEndpoint(id = "websocketrevocations", defaultAccess = Access.READ_ONLY)
public class WebSocketRevocationsEndpoint {

	private final Revocations revocations;

	private final OperatorAudit audit;

	/**
	 * Creates an endpoint.
	 * @param revocations revokes authentications
	 * @param events publishes the audit events
	 */
	public WebSocketRevocationsEndpoint(Revocations revocations, ApplicationEventPublisher events) {
		this.revocations = revocations;
		this.audit = new OperatorAudit(events);
	}

	/**
	 * Return how many revocations have not expired.
	 * @return the number
	 */
	@ReadOperation
	public Mono<RevocationsDescriptor> revocations() {
		return Mono.fromSupplier(() -> new RevocationsDescriptor(this.revocations.size()));
	}

	/**
	 * Revoke a token, or what a principal has authenticated with.
	 * @param securityContext the security context of the request
	 * @param token the id of the token; alternatively {@code principal}
	 * @param principal the name of the principal; alternatively {@code token}
	 * @param issuedBefore tokens of the principal that were issued at this time or later
	 * stay valid; now by default
	 * @param until when what is revoked expires; a time in the future
	 * @return 200 with the number of sessions that are closed, or 400
	 */
	@WriteOperation
	public Mono<WebEndpointResponse<Object>> revoke(SecurityContext securityContext, @Nullable String token,
			@Nullable String principal, @Nullable String issuedBefore, String until) {
		return Mono.defer(() -> {
			Revocation revocation = revocation(token, principal, issuedBefore, until);
			return this.revocations.revoke(revocation).map((outcome) -> {
				this.audit.record(securityContext, OperatorAudit.REVOKED, "token", token, "principal", principal,
						"until", until, "closed", outcome.sessions());
				return new WebEndpointResponse<Object>(
						new FleetSessionsDescriptor.Revoked(outcome.sessions(), FleetReach.of(outcome)));
			});
		})
			.onErrorResume(InvalidEndpointRequestException.class, (ex) -> Mono
				.just(new WebEndpointResponse<>(Problem.of(ex), WebEndpointResponse.STATUS_BAD_REQUEST)));
	}

	private static Revocation revocation(@Nullable String token, @Nullable String principal,
			@Nullable String issuedBefore, String until) {
		if ((token != null) == (principal != null)) {
			throw Problem.invalid("token and principal: " + ((token != null) ? "both are" : "neither is")
					+ " set (expected: one of them)");
		}
		Instant now = Instant.now();
		Instant end = instant("until", until);
		if (!end.isAfter(now)) {
			// It would be forgotten at once.
			throw Problem.invalid("until: " + until + " (expected: a time in the future)");
		}
		try {
			if (token != null) {
				if (issuedBefore != null) {
					throw Problem.invalid("issuedBefore: " + issuedBefore + " (expected: only with principal)");
				}
				return Revocation.token(token, end);
			}
			return Revocation.principal(String.valueOf(principal),
					(issuedBefore != null) ? instant("issuedBefore", issuedBefore) : now, end);
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(String.valueOf(ex.getMessage()));
		}
	}

	private static Instant instant(String name, String value) {
		try {
			return Instant.parse(value);
		}
		catch (DateTimeParseException ex) {
			throw Problem.invalid(name + ": " + value + " (expected: a time such as 2030-01-31T12:00:00Z)");
		}
	}

	/**
	 * The revocations.
	 *
	 * @param size how many have not expired
	 */
	public record RevocationsDescriptor(int size) implements OperationResponseBody {

	}

}
