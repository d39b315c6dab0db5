package dev.wspolicy.builtin;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.fleet.Rates;

/**
 * Reads the rates from the settings of {@link RateLimitPolicy}, and checks them.
 */
final class RateSettings {

	private RateSettings() {
	}

	static Rates rates(RateLimitPolicy.Settings settings) {
		if (settings.frames() == null && settings.bytes() == null) {
			throw new IllegalArgumentException("frames: missing (expected: frames, bytes or both)");
		}
		if (settings.per().isNegative() || settings.per().isZero() || settings.per().compareTo(Rates.LONGEST) > 0) {
			throw new IllegalArgumentException("per: " + settings.per() + " (expected: more than zero, at most "
					+ Rates.LONGEST.toDays() + " days)");
		}
		checkSpeed("frames", settings.frames(), settings.per());
		Long bytes = toBytes(settings.bytes());
		checkSpeed("bytes", bytes, settings.per());
		Long burstBytes = toBytes(settings.burstBytes());
		long frames = amount("frames", settings.frames());
		long burst = burst("burst", settings.burst(), "frames", settings.frames());
		return new Rates(frames, burst, amount("bytes", bytes), burst("burst-bytes", burstBytes, "bytes", bytes),
				settings.per(), lot(settings.lot(), burst, bytes != null));
	}

	private static @Nullable Long toBytes(@Nullable DataSize size) {
		return (size != null) ? Long.valueOf(size.toBytes()) : null;
	}

	/** Checked here because Bucket4j would reject it only on the first message. */
	private static void checkSpeed(String name, @Nullable Long amount, Duration per) {
		if (amount != null && per.compareTo(Duration.ofNanos(amount)) < 0) {
			throw new IllegalArgumentException(
					name + ": " + amount + " per " + per + " (expected: at most one per nanosecond)");
		}
	}

	private static long lot(long lot, long burst, boolean bytes) {
		if (lot != 1 && bytes) {
			throw new IllegalArgumentException("lot: " + lot + " (expected: 1 with a limit of bytes)");
		}
		long most = Math.max(1, burst / 10);
		if (lot < 1 || lot > most) {
			throw new IllegalArgumentException("lot: " + lot + " (expected: 1 to " + most
					+ ", which is a tenth of 'burst'; raise 'burst', or remove 'lot')");
		}
		return lot;
	}

	private static long amount(String name, @Nullable Long value) {
		if (value != null && value < 1) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
		}
		return (value != null) ? value : 0;
	}

	private static long burst(String name, @Nullable Long burst, String rateName, @Nullable Long rate) {
		if (burst != null && rate == null) {
			throw new IllegalArgumentException(name + ": " + burst + " (expected: only with '" + rateName + "')");
		}
		return amount(name, (burst != null) ? burst : rate);
	}

}
