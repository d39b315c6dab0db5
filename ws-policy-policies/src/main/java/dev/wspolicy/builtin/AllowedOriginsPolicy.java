package dev.wspolicy.builtin;

import java.util.List;
import java.util.Locale;

import jakarta.validation.constraints.NotEmpty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

/**
 * Accepts only upgrades from pages of the configured origins
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-10.2">RFC 6455, section
 * 10.2</a>).
 */
final class AllowedOriginsPolicy implements UpgradePolicy {

	static final String NAME = "allowed-origins";

	private static final Mono<UpgradeVerdict> FORBIDDEN = Mono.just(UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));

	private final List<OriginPattern> origins;

	private final boolean allowAbsent;

	AllowedOriginsPolicy(Settings settings) {
		this.origins = settings.origins().stream().map(OriginPattern::of).toList();
		if (this.origins.isEmpty()) {
			throw new IllegalArgumentException("origins: none (expected: one or more)");
		}
		this.allowAbsent = settings.allowAbsent();
	}

	@Override
	public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
		List<String> values = upgrade.headers().getValuesAsList(HttpHeaders.ORIGIN);
		boolean absent = !upgrade.headers().containsHeader(HttpHeaders.ORIGIN);
		boolean accepted = absent ? this.allowAbsent : (values.size() == 1 && matches(values.get(0)));
		return accepted ? Mono.just(UpgradeVerdict.accept()) : FORBIDDEN;
	}

	private boolean matches(String value) {
		String origin = value.toLowerCase(Locale.ROOT);
		return this.origins.stream().anyMatch((pattern) -> pattern.matches(origin));
	}

	/**
	 * The settings.
	 *
	 * @param origins the accepted origins; a {@code *} matches one label of the host, or
	 * any port
	 * @param allowAbsent whether to accept requests without an {@code Origin} header
	 */
	record Settings(@DefaultValue @NotEmpty List<String> origins, @DefaultValue("false") boolean allowAbsent) {

	}

}
