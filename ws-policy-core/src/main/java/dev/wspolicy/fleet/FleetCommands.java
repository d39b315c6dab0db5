package dev.wspolicy.fleet;

import reactor.core.publisher.Mono;

/**
 * Has commands executed by all gateways, or by the one that a command names.
 */
public interface FleetCommands {

	/**
	 * Sends a command, and collects the answers. Sends it again with each subscription.
	 * @param command the command
	 * @return the outcome, within a second: when all gateways have answered that live and
	 * execute the command, or when it is too late. Never an error because gateways cannot
	 * be reached: the outcome names them
	 */
	Mono<FleetOutcome> send(FleetCommand command);

}
