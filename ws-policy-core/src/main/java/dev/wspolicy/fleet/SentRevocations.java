package dev.wspolicy.fleet;

import java.security.Principal;
import java.time.Instant;

import reactor.core.publisher.Mono;

/**
 * Sends revocations to the gateways that a command reaches. Gateways that start later do
 * not know them.
 */
public final class SentRevocations implements Revocations {

	private final RevocationList list;

	private final FleetCommands commands;

	/**
	 * Creates an instance.
	 * @param list the revocations that this gateway knows
	 * @param commands sends them
	 */
	public SentRevocations(RevocationList list, FleetCommands commands) {
		this.list = list;
		this.commands = commands;
	}

	@Override
	public Mono<FleetOutcome> revoke(Revocation revocation) {
		return this.commands.send(new FleetCommand.Revoke(revocation));
	}

	@Override
	public boolean isRevoked(Principal principal, Instant authenticatedAt) {
		return this.list.isRevoked(principal, authenticatedAt);
	}

	@Override
	public int size() {
		return this.list.size();
	}

}
