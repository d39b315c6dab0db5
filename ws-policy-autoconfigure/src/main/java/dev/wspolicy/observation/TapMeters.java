package dev.wspolicy.observation;

import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters for the taps that operators attach to sessions.
 */
public final class TapMeters implements MeterBinder {

	private final LongSupplier running;

	private final LongSupplier recorded;

	private final LongSupplier dropped;

	/**
	 * Creates meters that read the given values.
	 * @param running the number of running taps
	 * @param recorded the number of recorded frames
	 * @param dropped the number of frames that were dropped
	 */
	public TapMeters(LongSupplier running, LongSupplier recorded, LongSupplier dropped) {
		this.running = running;
		this.recorded = recorded;
		this.dropped = dropped;
	}

	@Override
	public void bindTo(MeterRegistry meters) {
		// Micrometer only holds weak references, so refer to this bean, which lives long
		// enough.
		Gauge.builder(WsPolicyMeters.TAPS_ACTIVE.meterName(), this, (taps) -> taps.running.getAsLong())
			.description(WsPolicyMeters.TAPS_ACTIVE.description())
			.register(meters);
		register(meters, WsPolicyMeters.TAP_RECORDS, (taps) -> taps.recorded.getAsLong());
		register(meters, WsPolicyMeters.TAP_DROPPED, (taps) -> taps.dropped.getAsLong());
	}

	private void register(MeterRegistry meters, WsPolicyMeters meter, ToDoubleFunction<TapMeters> count) {
		FunctionCounter.builder(meter.meterName(), this, count).description(meter.description()).register(meters);
	}

}
