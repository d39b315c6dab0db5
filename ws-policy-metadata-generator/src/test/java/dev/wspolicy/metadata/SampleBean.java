package dev.wspolicy.metadata;

import java.time.Duration;
import java.util.Map;

import org.springframework.util.unit.DataSize;

/**
 * Keys with getters.
 */
public class SampleBean {

	/**
	 * Whether it is on.
	 */
	private boolean enabled = true;

	/**
	 * How long it takes.
	 */
	private Duration time = Duration.ofMillis(1500);

	/**
	 * How much it takes.
	 */
	private DataSize size = DataSize.ofKilobytes(64);

	/**
	 * Samples by name.
	 */
	private final Map<String, Sample> samples = Map.of();

	private final int hidden = 3;

	public boolean isEnabled() {
		return this.enabled;
	}

	public Duration getTime() {
		return this.time;
	}

	public DataSize getSize() {
		return this.size;
	}

	public Map<String, Sample> getSamples() {
		return this.samples;
	}

	int hidden() {
		return this.hidden;
	}

}
