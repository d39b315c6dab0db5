package dev.wspolicy.redis;

import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters for the gateways that act as one.
 */
final class FleetMeters implements MeterBinder {

	private final FleetStore store;

	private final FleetCircuits circuits;

	private final FleetMembership membership;

	private final DirectoryWriter writer;

	private final RedisFleetCommands commands;

	FleetMeters(FleetStore store, FleetCircuits circuits, FleetMembership membership, DirectoryWriter writer,
			RedisFleetCommands commands) {
		this.store = store;
		this.circuits = circuits;
		this.membership = membership;
		this.writer = writer;
		this.commands = commands;
	}

	@Override
	public void bindTo(MeterRegistry meters) {
		// Micrometer only holds weak references, so refer to this bean, which lives long
		// enough
		for (FleetUse use : FleetUse.values()) {
			Gauge.builder("wspolicy.fleet.connected", this, (fleet) -> fleet.isConnected(use) ? 1 : 0)
				.tag("use", use.label())
				.description("Whether this gateway acts with the others")
				.register(meters);
		}
		Gauge.builder("wspolicy.fleet.gateways", this, (fleet) -> fleet.store.lastLive().names().size())
			.description("Live gateways when they were last read")
			.register(meters);
		Gauge.builder("wspolicy.fleet.backlog", this, (fleet) -> fleet.writer.backlog())
			.description("Changes of sessions that have not been written to the directory")
			.register(meters);
		FunctionCounter.builder("wspolicy.fleet.commands.sent", this, (fleet) -> fleet.commands.sentCount())
			.description("Commands for all gateways that this gateway has sent")
			.register(meters);
		FunctionCounter.builder("wspolicy.fleet.commands.executed", this, (fleet) -> fleet.commands.executedCount())
			.description("Commands that this gateway has executed")
			.register(meters);
		TimeGauge
			.builder("wspolicy.fleet.command.lag", this, TimeUnit.MILLISECONDS,
					(fleet) -> fleet.commands.lag().toMillis())
			.description("Time from sending to executing the last command")
			.register(meters);
	}

	private boolean isConnected(FleetUse use) {
		return this.circuits.of(use).isClosed() && this.membership.isMember();
	}

}
