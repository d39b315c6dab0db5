package dev.wspolicy.builtin;

import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

import dev.wspolicy.builtin.SessionScope.Kind;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The keys by which limits group sessions.
 */
class SessionScopeTests {

	private static final String ADDRESS = "address 127.0.0.1";

	private final HttpHeaders headers = new HttpHeaders();

	private final UpgradeContext upgrade = Contexts.upgrade(this.headers, List.of(), null);

	@Test
	void keysWithValuesOfClientsAreHashedAndShort() {
		this.headers.set("X-Api-Key", "secret");
		String key = key("header:X-Api-Key", null);
		assertThat(key).startsWith("header:x-api-key# ").doesNotContain("secret").hasSizeLessThan(64);
		this.headers.set("X-Api-Key", "s".repeat(8192));
		assertThat(key("header:x-api-key", null)).isNotEqualTo(key).hasSameSizeAs(key);
		this.headers.set("X-Api-Key", "secret");
		assertThat(key("header:x-api-key", null)).isEqualTo(key);
	}

	@Test
	void longNamesAreHashedWithoutCollisions() {
		Principal ada = () -> "ada";
		assertThat(key("principal", ada)).isEqualTo("principal ada");
		Principal longer = () -> "a".repeat(100_000);
		String hashed = key("principal", longer);
		assertThat(hashed).hasSizeLessThan(64);
		Principal imitator = () -> hashed.substring("principal".length());
		assertThat(key("principal", imitator)).isNotEqualTo(hashed);
	}

	@ParameterizedTest
	@ValueSource(strings = { "header:X-Api-Key", "path:device", "attribute:tenant", "principal" })
	void missingPropertyFallsBackToTheAddress(String scope) {
		assertThat(key(scope, null)).isEqualTo(ADDRESS);
	}

	@Test
	void repeatedAndEmptyHeadersFallBackToTheAddress() {
		this.headers.add("X-Api-Key", "one");
		this.headers.add("X-Api-Key", "two");
		assertThat(key("header:X-Api-Key", null)).isEqualTo(ADDRESS);
		this.headers.set("X-Api-Key", " ");
		assertThat(key("header:X-Api-Key", null)).isEqualTo(ADDRESS);
	}

	@Test
	void anonymousPrincipalsFallBackToTheAddress() {
		assertThat(key("principal",
				new AnonymousAuthenticationToken("key", "anonymousUser", AuthorityUtils.createAuthorityList("ANY"))))
			.isEqualTo(ADDRESS);
		assertThat(key("principal", UsernamePasswordAuthenticationToken.unauthenticated("ada", "secret")))
			.isEqualTo(ADDRESS);
		assertThat(key("principal", new TestingAuthenticationToken("ada", "secret", "ANY"))).isEqualTo("principal ada");
	}

	@Test
	void attributesMustBeTextsOrPrincipals() {
		UUID tenant = UUID.randomUUID();
		Principal ada = () -> "ada";
		BDDMockito.given(this.upgrade.attributes())
			.willReturn(
					Map.of("id", tenant, "text", tenant.toString(), "user", ada, "name", "ada", "other", new Object()));
		assertThat(suffix("attribute:id")).isEqualTo(suffix("attribute:text"));
		assertThat(suffix("attribute:user")).isEqualTo(suffix("attribute:name"));
		assertThatIllegalStateException().isThrownBy(() -> key("attribute:other", null))
			.withMessageContaining("'other' is a java.lang.Object");
	}

	@Test
	void keysOfDifferentScopesDiffer() {
		BDDMockito.given(this.upgrade.pathVariables()).willReturn(Map.of("id", "x", "ID", "x"));
		BDDMockito.given(this.upgrade.attributes()).willReturn(Map.of("id", "x"));
		this.headers.set("id", "x");
		assertThat(
				List.of(key("path:id", null), key("path:ID", null), key("attribute:id", null), key("header:id", null)))
			.doesNotHaveDuplicates();
	}

	private String suffix(String scope) {
		String key = key(scope, null);
		return key.substring(key.indexOf('#'));
	}

	private String key(String scope, @Nullable Principal principal) {
		String key = SessionScope.of(scope, 64, Kind.PRINCIPAL).key(this.upgrade, principal);
		assertThat(key).isNotNull();
		return key;
	}

}
