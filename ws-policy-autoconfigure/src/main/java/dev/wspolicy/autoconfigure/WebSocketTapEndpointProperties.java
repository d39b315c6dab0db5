package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.actuate.TapSettings;
import dev.wspolicy.redaction.Redaction;

/**
 * Configuration properties of the 'websockettap' endpoint.
 */
@ConfigurationProperties("management.endpoint.websockettap")
public class WebSocketTapEndpointProperties {

	private static final DataSize MOST_BYTES = DataSize.ofMegabytes(1);

	/**
	 * When to show payloads.
	 */
	private Show showValues = Show.NEVER;

	/**
	 * Roles used to determine whether a user is authorized to see payloads. When empty,
	 * all authenticated users are authorized.
	 */
	private final Set<String> roles = new HashSet<>();

	/**
	 * Maximum duration of a tap.
	 */
	private Duration maxDuration = Duration.ofMinutes(10);

	/**
	 * Maximum number of records per second that a tap can request.
	 */
	private int maxRate = 1000;

	/**
	 * Maximum number of payload bytes per record that a tap can request.
	 */
	private DataSize maxBytes = DataSize.ofKilobytes(64);

	/**
	 * JSON pointers to values that are redacted from payloads.
	 */
	private final List<String> pointers = new ArrayList<>();

	/**
	 * RE2 expressions for text that is redacted from payloads.
	 */
	private final List<String> patterns = new ArrayList<>();

	public Show getShowValues() {
		return this.showValues;
	}

	public void setShowValues(Show showValues) {
		this.showValues = showValues;
	}

	public Set<String> getRoles() {
		return this.roles;
	}

	public Duration getMaxDuration() {
		return this.maxDuration;
	}

	public void setMaxDuration(Duration maxDuration) {
		this.maxDuration = maxDuration;
	}

	public int getMaxRate() {
		return this.maxRate;
	}

	public void setMaxRate(int maxRate) {
		this.maxRate = maxRate;
	}

	public DataSize getMaxBytes() {
		return this.maxBytes;
	}

	public void setMaxBytes(DataSize maxBytes) {
		this.maxBytes = maxBytes;
	}

	public List<String> getPointers() {
		return this.pointers;
	}

	public List<String> getPatterns() {
		return this.patterns;
	}

	TapSettings toSettings() {
		if (this.maxDuration.isNegative() || this.maxDuration.isZero()) {
			throw invalid("max-duration", this.maxDuration, "more than 0");
		}
		if (this.maxRate < 1) {
			throw invalid("max-rate", this.maxRate, "1 or more");
		}
		if (this.maxBytes.toBytes() < 0 || this.maxBytes.toBytes() > MOST_BYTES.toBytes()) {
			throw invalid("max-bytes", this.maxBytes, "0 to " + MOST_BYTES);
		}
		try {
			Redaction.of(this.pointers, this.patterns);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidPipelineException(
					"The redaction of 'management.endpoint.websockettap' is invalid: " + ex.getMessage(),
					"Correct 'management.endpoint.websockettap.pointers' or '.patterns'.");
		}
		return new TapSettings(this.showValues, this.roles, this.maxDuration, this.maxRate,
				(int) this.maxBytes.toBytes(), this.pointers, this.patterns);
	}

	private static InvalidPipelineException invalid(String key, Object value, String expected) {
		return new InvalidPipelineException(
				"The property 'management.endpoint.websockettap." + key + "' is " + value + ".",
				"Set it to " + expected + ".");
	}

}
