package dev.wspolicy.observation;

import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters the taps that operators put on sessions.
 */
public final class TapMeters implements MeterBinder {

	private final LongSupplier running;

	private final LongSupplier told;

	private final LongSupplier dropped;

	/**
	 * The meters.
	 * @param running how many taps run
	 * @param told how many records have been told
	 * @param dropped how many were dropped instead
	 */
	public TapMeters(LongSupplier running, LongSupplier told, LongSupplier dropped) {
		this.running = running;
		this.told = told;
		this.dropped = dropped;
	}

	@Override
	public void bindTo(MeterRegistry meters) {
		// Meters hold on to what they read only weakly: let that be what lives as long.
		Gauge.builder(WsPolicyMeters.TAPS_ACTIVE.meterName(), this, (taps) -> taps.running.getAsLong())
			.description(WsPolicyMeters.TAPS_ACTIVE.description())
			.register(meters);
		register(meters, WsPolicyMeters.TAP_RECORDS, (taps) -> taps.told.getAsLong());
		register(meters, WsPolicyMeters.TAP_DROPPED, (taps) -> taps.dropped.getAsLong());
	}

	private void register(MeterRegistry meters, WsPolicyMeters meter, ToDoubleFunction<TapMeters> count) {
		FunctionCounter.builder(meter.meterName(), this, count).description(meter.description()).register(meters);
	}

}
