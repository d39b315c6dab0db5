package dev.wspolicy.builtin;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * Accepts only upgrades of clients that offer a subprotocol.
 */
final class RequireSubprotocolPolicy implements UpgradePolicy {

	static final String NAME = "require-subprotocol";

	/** A token (RFC 9110, section 5.6.2), as RFC 6455, section 4.1, requires. */
	private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

	private final List<String> names;

	RequireSubprotocolPolicy(Settings settings) {
		this.names = List.copyOf(settings.names());
		for (String name : this.names) {
			if (!TOKEN.matcher(name).matches()) {
				throw new IllegalArgumentException("names: '" + name
						+ "' (expected: letters, digits and !#$%&'*+-.^_`|~, as in the names of subprotocols)");
			}
		}
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		List<String> offered = upgrade.offeredSubprotocols();
		boolean accepted = this.names.isEmpty() ? !offered.isEmpty() : offered.stream().anyMatch(this.names::contains);
		return Mono.just(accepted ? UpgradeVerdict.accept() : UpgradeVerdict.refuse(HttpStatus.BAD_REQUEST));
	}

	@Override
	public Set<String> requiredSubprotocols() {
		return Set.copyOf(this.names);
	}

	/**
	 * The settings.
	 *
	 * @param names the subprotocols of which the client must offer one; empty for any
	 */
	record Settings(@DefaultValue List<String> names) {

	}

}
