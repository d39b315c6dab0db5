package dev.wspolicy.fleet;

import java.util.List;
import java.util.Optional;

import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.FleetOutcome.Answer;

/**
 * A fleet of this gateway alone.
 */
public final class LocalFleet implements SessionDirectory, FleetCommands {

	private final LocalGateway gateway;

	/**
	 * Creates a fleet.
	 * @param gateway its only gateway
	 */
	public LocalFleet(LocalGateway gateway) {
		this.gateway = gateway;
	}

	@Override
	public Mono<List<FleetGateway>> gateways() {
		return Mono.fromSupplier(() -> List.of(this.gateway.describe()));
	}

	@Override
	public Mono<SessionList> list(SessionQuery query) {
		return Mono.fromSupplier(() -> new SessionList(this.gateway.list(query), reach()));
	}

	@Override
	public Mono<SessionList> find(String id) {
		return Mono.fromSupplier(() -> {
			List<SessionEntry> found = Optional.ofNullable(this.gateway.find(id)).stream().toList();
			return new SessionList(new SessionPage<>(found, found.size(), null), reach());
		});
	}

	private Reach reach() {
		return new Reach(List.of(this.gateway.name()), List.of());
	}

	@Override
	public Mono<FleetOutcome> send(FleetCommand command) {
		return Mono.fromSupplier(() -> {
			if (command.gateway() != null && !this.gateway.executes(command)) {
				return FleetOutcome.of(List.of(), List.of(command.gateway()));
			}
			Answer answer = this.gateway.execute(command);
			return FleetOutcome.of(List.of(answer), List.of(this.gateway.name()));
		});
	}

}
