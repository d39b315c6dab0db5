package dev.wspolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.access.PrincipalAuthorities;
import dev.wspolicy.builtin.security.CredentialsCheck;
import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.pipeline.PipelineCatalog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the behavior without the libraries that some policies require.
 */
class SecurityConditionsTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	private final ReactiveWebApplicationContextRunner authenticating = this.runner.withPropertyValues(
			"ws-policy.pipelines.x.inbound[0].first-message-auth.pointer=/token",
			"ws-policy.pipelines.x.inbound[1].token-expiry.renew.pointer=/token");

	@Test
	void userBeanDoesNotRequireSpringSecurity() {
		this.authenticating.withClassLoader(new FilteredClassLoader("org.springframework.security", "com.nimbusds"))
			.withBean(CredentialsCheck.class, () -> (credentials, session) -> Mono.empty())
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.doesNotHaveBean(PrincipalAuthorities.class));
	}

	@Test
	void startUpFailsIfNothingChecksCredentials() {
		this.authenticating.withClassLoader(new FilteredClassLoader("org.springframework.security", "com.nimbusds"))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("no check for a token"));
		this.authenticating.run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void jwtDecoderIsSufficient() {
		this.authenticating.withBean(ReactiveJwtDecoder.class, Jwts::decoder)
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.hasSingleBean(PrincipalAuthorities.class));
	}

	@Test
	void passwordsRequireOnlySpringSecurityCore() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.security.oauth2", "com.nimbusds"))
			.withBean(ReactiveAuthenticationManager.class, () -> Mono::just)
			.withPropertyValues("ws-policy.pipelines.x.inbound[0].first-message-auth.credentials=password",
					"ws-policy.pipelines.x.inbound[1].token-expiry.required=false")
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.hasSingleBean(PrincipalAuthorities.class));
	}

	@ParameterizedTest
	@CsvSource({ "10s, hold, true", "10s, drop, false", "9s, hold, false" })
	void deadlineMustBeShorterThanTheVerdictTimeout(String deadline, String early, boolean wrong) {
		// With the session id in the MDC, so that policies are wrapped.
		this.authenticating.withBean(ReactiveJwtDecoder.class, Jwts::decoder)
			.withPropertyValues("ws-policy.mdc=true",
					"ws-policy.pipelines.x.inbound[0].first-message-auth.deadline=" + deadline,
					"ws-policy.pipelines.x.outbound[0].authenticated-only.early=" + early)
			.run((context) -> {
				if (!wrong) {
					assertThat(context).hasNotFailed();
					return;
				}
				assertThat(context).hasFailed()
					.getFailure()
					.rootCause()
					.hasMessage(
							"The property 'ws-policy.pipelines.x.inbound[0].first-message-auth.deadline' delays frames"
									+ " for up to PT10S, which is not less than the pipeline's verdict-timeout of PT10S.");
			});
	}

	@ParameterizedTest
	@CsvSource({ "org.springframework.messaging, wsPolicyStompAuthorizationFactory",
			"graphql.parser, wsPolicyGraphQlLimitFactory", "tools.jackson, wsPolicyGraphQlLimitFactory" })
	void policiesAreAbsentWithoutTheirLibrary(String library, String bean) {
		this.runner.run((context) -> assertThat(context).hasBean(bean));
		this.runner.withClassLoader(new FilteredClassLoader(library))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(bean));
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
