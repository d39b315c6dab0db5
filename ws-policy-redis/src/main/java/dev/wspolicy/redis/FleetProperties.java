package dev.wspolicy.redis;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.fleet.OnFailure;

/**
 * Properties of the gateways that act as one.
 *
 * @param enabled whether this gateway shares its state with others
 * @param gateway the name of this gateway, unique among those that share a key prefix; a
 * random one by default
 * @param keyPrefix the prefix of all keys in Redis; gateways that act as one share it
 * @param timeout how long a frame or an upgrade waits for Redis
 * @param onFailure what caps and rates do while Redis cannot be reached
 * @param lease how long this gateway is regarded as alive after its last sign of life
 * @param endpointDefault whether the endpoint answers for the fleet unless a request says
 * otherwise
 */
@ConfigurationProperties(prefix = "ws-policy.fleet", ignoreUnknownFields = false)
public record FleetProperties(@DefaultValue("true") boolean enabled, @Nullable String gateway,
		@DefaultValue("ws-policy:") String keyPrefix, @DefaultValue("200ms") Duration timeout,
		@DefaultValue("local") OnFailure onFailure, @DefaultValue("15s") Duration lease,
		@DefaultValue("false") boolean endpointDefault) {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	public FleetProperties {
		if (gateway == null || gateway.isBlank()) {
			gateway = UUID.randomUUID().toString().substring(0, 8).toLowerCase(Locale.ROOT);
		}
		if (!NAME.matcher(gateway).matches()) {
			throw new IllegalArgumentException("'ws-policy.fleet.gateway' is '" + gateway
					+ "': expected 1 to 64 letters, digits, dots, dashes and underscores");
		}
		if (timeout.isNegative() || timeout.isZero()) {
			throw new IllegalArgumentException("'ws-policy.fleet.timeout' is " + timeout + ": expected more than zero");
		}
		if (lease.compareTo(Duration.ofSeconds(3)) < 0) {
			throw new IllegalArgumentException("'ws-policy.fleet.lease' is " + lease + ": expected at least 3s");
		}
		if (keyPrefix.isEmpty() || keyPrefix.indexOf('{') >= 0 || keyPrefix.indexOf('}') >= 0) {
			throw new IllegalArgumentException(
					"'ws-policy.fleet.key-prefix' is '" + keyPrefix + "': expected a text without braces");
		}
	}

}
