package dev.wspolicy.builtin;

import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The upgrade policies, without a gateway.
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
			"https://app.*.example.com:8443, https://app.eu.example.com:8443, true",
			"https://example.com:443, https://example.com, true", "https://example.com, https://example.com:443, true",
			"http://example.com:80, http://example.com, true", "http://example.com:443, http://example.com, false",
			"https://example.com:80, https://example.com, false",
			"https://*.example.com:443, https://a.example.com, true",
			"https://example.com, https://example.com:0443, false",
			"https://example.com, 'https://example.com:', false", "http://localhost:*, http://localhost:3000, true",
			"http://localhost:*, http://localhost, true", "http://localhost:*, https://localhost:3000, false",
			"http://localhost:*, 'http://localhost:*', false",
			"http://localhost:*, http://localhost:3000.evil.org, false",
			"http://localhost:*, http://localhost:99999, false",
			"http://localhost:*, http://evil.localhost:3000, false", "http://localhost:*, http://localhost:, false",
			"http://localhost:*, http://localhost:3@evil.org, false", "http://localhost:*, http://localhost:3:4, false",
			"https://*.example.com:*, https://a.example.com:8443, true", "http://[::1]:*, http://[::1]:3000, true",
			"http://[::1]:*, http://[::1], true", "http://[0:0:0:0:0:0:0:1], http://[::1], true",
			"http://1.2.3.4, http://[::ffff:1.2.3.4], false", "file://, file://, true", "file://, file://host, false",
			"file://, file:///, false", "file://, http://, false", "vscode-webview://*, vscode-webview://1a2b3c, true",
			"vscode-webview://*, vscode-webview://a.b, false", "vscode-webview://*, vscode-webview://, false",
			"vscode-webview://*, vscode-webview://a:1, false", "vscode-webview://*, 'vscode-webview://*', false",
			"chrome-extension://abcdefgh, chrome-extension://abcdefgh, true" })
	void allowedOrigins(String pattern, String origin, boolean accepted) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.ORIGIN, origin);
		assertThat(verdict(origins(false, pattern), headers))
			.isEqualTo(accepted ? UpgradeVerdict.accept() : UpgradeVerdict.refuse(HttpStatus.FORBIDDEN));
	}

	@Test
	void absentOriginIsConfigurable() {
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
			"https://app.example.com/", "*://a.example.com", "", "https://*:*", "http://*", "ws://*", "https://",
			"https://a.example.com:", "https://a.example.com:0443", "https://a.example.com:65536",
			"https://a.example.com:4*", "file:///", "file://:1", "app://a.*", "app://*:*" })
	void invalidOrigins(String origin) {
		assertThatIllegalArgumentException().isThrownBy(() -> origins(false, origin))
			.withMessageStartingWith("origins: '" + origin + "'");
	}

	@Test
	void requireSubprotocol() {
		UpgradePolicy any = new RequireSubprotocolPolicy(new RequireSubprotocolPolicy.Settings(List.of()));
		UpgradePolicy chat = new RequireSubprotocolPolicy(
				new RequireSubprotocolPolicy.Settings(List.of("chat.v2", "chat.v1")));
		assertThat(any.apply(offering()).block()).isEqualTo(UpgradeVerdict.refuse(HttpStatus.BAD_REQUEST));
		assertThat(any.apply(offering("x")).block()).isEqualTo(UpgradeVerdict.accept());
		assertThat(chat.apply(offering("x")).block()).isEqualTo(UpgradeVerdict.refuse(HttpStatus.BAD_REQUEST));
		assertThat(chat.apply(offering("x", "chat.v1")).block()).isEqualTo(UpgradeVerdict.accept());
	}

	private static UpgradeContext offering(String... names) {
		return Contexts.upgrade(new HttpHeaders(), List.of(names), null);
	}

	private static AllowedOriginsPolicy origins(boolean allowAbsent, String... origins) {
		return new AllowedOriginsPolicy(new AllowedOriginsPolicy.Settings(List.of(origins), allowAbsent));
	}

	private static UpgradeVerdict verdict(UpgradePolicy policy, HttpHeaders headers) {
		return Objects.requireNonNull(policy.apply(Contexts.upgrade(headers, List.of(), null)).block());
	}

}
