/**
 * The gateways that act as one: what they list, count, command and revoke together.
 * Without a shared store a fleet is this gateway alone, and everything works the same.
 * <p>
 * Applications inject {@link dev.wspolicy.fleet.Fleet} and
 * {@link dev.wspolicy.fleet.Revocations}. A module that connects gateways implements
 * {@link dev.wspolicy.fleet.SessionDirectory}, {@link dev.wspolicy.fleet.FleetCommands},
 * {@link dev.wspolicy.fleet.Revocations}, {@link dev.wspolicy.fleet.SessionPlaces} and
 * {@link dev.wspolicy.fleet.RateStore}.
 */
@NullMarked
package dev.wspolicy.fleet;

import org.jspecify.annotations.NullMarked;
