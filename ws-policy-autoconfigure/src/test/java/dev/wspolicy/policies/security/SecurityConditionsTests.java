package dev.wspolicy.policies.security;

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

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.policies.PrincipalAuthorities;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is there without the libraries that some policies need.
 */
class SecurityConditionsTests {

	private final ReactiveWebApplicationContextRunner runner = new ReactiveWebApplicationContextRunner()
		.withUserConfiguration(Application.class);

	private final ReactiveWebApplicationContextRunner authenticating = this.runner.withPropertyValues(
			"ws-policy.pipelines.x.inbound[0].first-message-auth.pointer=/token",
			"ws-policy.pipelines.x.inbound[1].token-expiry.renew.pointer=/token");

	@Test
	void beanOfTheUserNeedsNoSpringSecurity() {
		this.authenticating.withClassLoader(new FilteredClassLoader("org.springframework.security", "com.nimbusds"))
			.withBean(CredentialsCheck.class, () -> (credentials, session) -> Mono.empty())
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.doesNotHaveBean(PrincipalAuthorities.class));
	}

	@Test
	void withoutAnybodyToCheckStartUpFails() {
		this.authenticating.withClassLoader(new FilteredClassLoader("org.springframework.security", "com.nimbusds"))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("nobody can check a token"));
		this.authenticating.run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void decoderIsEnough() {
		this.authenticating.withBean(ReactiveJwtDecoder.class, Jwts::decoder)
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.hasSingleBean(PrincipalAuthorities.class));
	}

	@Test
	void passwordsNeedSpringSecuritysCoreOnly() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.security.oauth2", "com.nimbusds"))
			.withBean(ReactiveAuthenticationManager.class, () -> Mono::just)
			.withPropertyValues("ws-policy.pipelines.x.inbound[0].first-message-auth.credentials=password",
					"ws-policy.pipelines.x.inbound[1].token-expiry.required=false")
			.run((context) -> assertThat(context).hasSingleBean(PipelineCatalog.class)
				.hasSingleBean(PrincipalAuthorities.class));
	}

	@ParameterizedTest
	@CsvSource({ "10s, hold, true", "10s, drop, false", "9s, hold, false" })
	void clientMustNotHaveMoreTimeThanWhatWaitsForIt(String deadline, String early, boolean wrong) {
		// The lines of policies carry the session's id, so that the policies are wrapped.
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
							"The property 'ws-policy.pipelines.x.inbound[0].first-message-auth.deadline' lets frames"
									+ " wait for PT10S, which is not less than the pipeline's verdict-timeout of PT10S.");
			});
	}

	@ParameterizedTest
	@CsvSource({ "org.springframework.messaging, wsPolicyStompAuthorizationFactory",
			"graphql.parser, wsPolicyGraphQlLimitFactory", "tools.jackson, wsPolicyGraphQlLimitFactory" })
	void policiesThatNeedALibraryAreGoneWithoutIt(String library, String bean) {
		this.runner.run((context) -> assertThat(context).hasBean(bean));
		this.runner.withClassLoader(new FilteredClassLoader(library))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(bean));
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
