package dev.wspolicy.policies;

import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The policies on upgrades, without a gateway.
 */
class UpgradePoliciesTests {

	@ParameterizedTest
	@CsvSource({ "https://app.example.com, https://app.example.com, true",
			"https://app.example.com, HTTPS://App.Example.com, true",
			"https://app.example.com, http://app.example.com, false",
			"https://app.example.com, https://app.example.com.evil.org, false",
			"https://app.example.com, https://evilapp.example.com, false",
			"https://app.example.com, https://app.example.com:8443, false",
			"https://app.example.com, https://app.example.com/, false", "https://app.example.com, null, false",
			"'https://app.example.com', '', false",
			"https://app.example.com, 'https://app.example.com, https://app.example.com', false", "null, null, true",
			"http://localhost:8080, http://localhost:8080, true", "http://[::1]:8080, http://[::1]:8080, true",
			"https://*.example.com, https://a.example.com, true",
			"https://*.example.com, https://a-b_1.example.com, true",
			"https://*.example.com, https://example.com, false", "https://*.example.com, https://.example.com, false",
			"https://*.example.com, https://a.b.example.com, false",
			"https://*.example.com, https://a.example.com:8443, false",
			"https://*.example.com, https://evil/.example.com, false",
			"https://*.example.com, https://user@.example.com, false",
			"https://*.example.com, https://a.example.org, false",
			"https://app.*.example.com:8443, https://app.eu.example.com:8443, true" })
	void allowedOrigins(String pattern, String origin, boolean accepted) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.ORIGIN, origin);
		assertThat(verdict(origins(false, pattern), headers))
			.isEqualTo(accepted ? UpgradeVerdict.accept() : UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));
	}

	@Test
	void absentOriginBySetting() {
		HttpHeaders none = new HttpHeaders();
		assertThat(verdict(origins(true, "https://a.example.com"), none)).isEqualTo(UpgradeVerdict.accept());
		assertThat(verdict(origins(false, "https://a.example.com"), none))
			.isEqualTo(UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));
	}

	@Test
	void twoOriginsAreRefused() {
		HttpHeaders headers = new HttpHeaders();
		headers.add(HttpHeaders.ORIGIN, "https://a.example.com");
		headers.add(HttpHeaders.ORIGIN, "https://a.example.com");
		assertThat(verdict(origins(true, "https://a.example.com"), headers))
			.isEqualTo(UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "example.com", "https://*", "https://a*.example.com", "https://example.*",
			"https://app.example.com/", "https://a.example.com:*", "*://a.example.com", "" })
	void originsThatAreNone(String origin) {
		assertThatIllegalArgumentException().isThrownBy(() -> origins(false, origin))
			.withMessageStartingWith("origins: '" + origin + "'");
	}

	@Test
	void requireSubprotocol() {
		UpgradePolicy any = new RequireSubprotocol(new RequireSubprotocol.Settings(List.of()));
		UpgradePolicy chat = new RequireSubprotocol(new RequireSubprotocol.Settings(List.of("chat.v2", "chat.v1")));
		assertThat(any.apply(offering()).block()).isEqualTo(UpgradeVerdict.refuse(HttpStatus.BAD_REQUEST));
		assertThat(any.apply(offering("x")).block()).isEqualTo(UpgradeVerdict.accept());
		assertThat(chat.apply(offering("x")).block()).isEqualTo(UpgradeVerdict.refuse(HttpStatus.BAD_REQUEST));
		assertThat(chat.apply(offering("x", "chat.v1")).block()).isEqualTo(UpgradeVerdict.accept());
	}

	private static UpgradeContext offering(String... names) {
		return Contexts.upgrade(new HttpHeaders(), List.of(names), null);
	}

	private static AllowedOrigins origins(boolean allowAbsent, String... origins) {
		return new AllowedOrigins(new AllowedOrigins.Settings(List.of(origins), allowAbsent));
	}

	private static UpgradeVerdict verdict(UpgradePolicy policy, HttpHeaders headers) {
		return Objects.requireNonNull(policy.apply(Contexts.upgrade(headers, List.of(), null)).block());
	}

}
