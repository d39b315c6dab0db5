package dev.wspolicy.benchmarks.micro;

import java.time.Instant;

import dev.wspolicy.builtin.security.ExpiringPrincipal;

/**
 * Who sends the messages that are measured, for a long time to come.
 */
record Client() implements ExpiringPrincipal {

	@Override
	public String getName() {
		return "ada";
	}

	@Override
	public Instant expiresAt() {
		return Instant.MAX;
	}

}
