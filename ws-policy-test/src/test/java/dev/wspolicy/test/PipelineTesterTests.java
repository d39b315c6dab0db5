package dev.wspolicy.test;

import java.time.Duration;
import java.util.Locale;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests pipelines from YAML with the kit, as its users do.
 */
class PipelineTesterTests {

	private static final String YAML = """
			ws-policy:
			  pipelines:
			    default:
			      limits: { inbound-message: 100B }
			      session: { idle-timeout: 10m }
			    chat:
			      upgrade:
			        - allowed-origins: { origins: "https://app.example.com" }
			      inbound:
			        - deny-nul
			        - stamp: { suffix: "!" }
			      outbound:
			        - lower-case
			    closed:
			      enabled: false
			""";

	@AutoClose
	private final PipelineTester tester = PipelineTester.fromYaml(YAML, LowerCase.class, MoreBeans.class);

	@Test
	void limitsAndTimeoutsOfTheDefaultPipeline() {
		this.tester.send("x".repeat(101)).client().expectClosed(1009);
		SessionTester idle = this.tester.send("x").expectForwarded("x");
		idle.advance(Duration.ofMinutes(10).minusNanos(1)).expectOpen();
		idle.advance(Duration.ofNanos(1)).expectClosed(1001).expectTermination(Cause.IDLE_TIMEOUT);
	}

	@Test
	void builtInPoliciesFactoriesAndBeansInBothDirections() {
		SessionTester session = this.tester.pipeline("chat").header("Origin", "https://app.example.com").open();
		session.client().send("Hello").expectForwarded("Hello!");
		session.upstream().send("Hello").expectForwarded("hello");
		session.client().send("a\0b").client().expectClosed(1007);
	}

	@Test
	void upgradePolicies() {
		this.tester.pipeline("chat").header("Origin", "https://evil.example.com").expectRefused(403);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.tester::open)
			.withMessageContaining("it has been refused with 403 (by 'allowed-origins')");
		this.tester.pipeline("closed").expectRefused(503);
		this.tester.pipeline("default").upgrade((upgrade) -> upgrade.routeId("members")).expectRefused(401);
		this.tester.principal("ana").open().expectOpen();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> this.tester.expectRefused(401))
			.withMessageContaining("but it has been accepted");
	}

	@Test
	void annotatedBeansServeTheirRoutes() {
		this.tester.upgrade((upgrade) -> upgrade.routeId("echo")).send("x").expectReplied("x");
	}

	@Test
	void contextOfAnApplication() {
		try (GenericApplicationContext child = new GenericApplicationContext()) {
			child.setParent(this.tester.context());
			child.refresh();
			PipelineTester.of(child)
				.pipeline("chat")
				.header("Origin", "https://app.example.com")
				.send("x")
				.expectForwarded("x!");
		}
	}

	@Test
	void closingReleasesWhatPoliciesHold() {
		try (PipelineTester limited = PipelineTester
			.fromYaml("ws-policy.pipelines.default.upgrade: [ { session-limit: { max: 1 } } ]")) {
			try (PipelineTester first = PipelineTester.of(limited.context())) {
				first.open().expectOpen();
				limited.expectRefused(503);
			}
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> limited.expectRefused(503));
			limited.open().expectOpen();
		}
	}

	@Test
	void invalidConfiguration() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> PipelineTester.fromYaml("ws-policy.pipelines.default.inbound: [ deny-null ]"))
			.withMessageContaining("'ws-policy.pipelines.default.inbound[0]'")
			.withMessageContaining("deny-null");
		assertThatIllegalArgumentException().isThrownBy(() -> this.tester.pipeline("chatt").open())
			.withMessageContaining("chatt");
	}

	static class LowerCase implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.replaceText(text.toLowerCase(Locale.ROOT));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MoreBeans {

		@Bean
		FramePolicyFactory<Stamp> stamp() {
			return FramePolicyFactory.of("stamp", Stamp.class,
					(settings) -> (TextPolicy) (text, context) -> Verdict.replaceText(text + settings.suffix()));
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, routes = "echo")
		TextPolicy echo() {
			return (text, context) -> Verdict.replyText(text);
		}

		@Bean
		@WsPolicy(routes = "members")
		UpgradePolicy membersOnly() {
			return (upgrade) -> Mono.just((upgrade.principal() != null) ? UpgradeVerdict.accept()
					: UpgradeVerdict.refuse(HttpStatus.UNAUTHORIZED));
		}

	}

	record Stamp(@DefaultValue("?") String suffix) {

	}

}
