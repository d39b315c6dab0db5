package dev.wspolicy.autoconfigure;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.CredentialsCheck;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an invalid entry in the list of policies of a pipeline, and policies that
 * are not bound, make start-up fail with a helpful report.
 */
class PolicyEntryErrorTests extends AbstractConfigurationTests {

	@Test
	void unknownPolicy() {
		fails("ws-policy.pipelines.chat.inbound[0]=mask-card-number").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]", "'mask-card-number'");
			assertThat(analysis.getAction()).contains("Did you mean 'mask-card-numbers'?", "outbound-only", "shout");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					json-schema.schema=classpath:none.json              | .json-schema' are invalid: schema: 'classpath:none.json'
					json-schema.schema=classpath:schemas/bad.json       | at /type
					json-schema.schema=classpath:schemas/remote.json    | remote-refs: true
					json-schema.draft=7                                 | .json-schema.schema
					json-redact.pointers=user                           | .json-redact' are invalid: pointers: 'user'
					json-redact.pointers=                               | .json-redact' are invalid: pointers, patterns: none
					json-redact.on-invalid=explode                      | .json-redact.on-invalid
					json-set.values[0].value=x                          | .json-set.values[0].pointer
					json-set.values[0].pointers=/x                      | .json-set.values[0].pointers
					frame-log.sample=7                                  | .frame-log.sample
					frame-log.pointers=/x                               | .frame-log' are invalid: pointers, patterns:
					deny-nul.on-violation=explode                       | .deny-nul.on-violation
					rate-limit.burst-bytes=5,rate-limit.frames=1        | burst-bytes: 5 (expected: only with 'bytes')
					rate-limit.burst=5,rate-limit.bytes=1KB             | burst: 5 (expected: only with 'frames')
					rate-limit.frames=10,rate-limit.lot=2               | lot: 2 (expected: 1 to 1, which is a tenth of 'burst'; raise 'burst', or remove 'lot')
					rate-limit.frames=0                                 | Property: ws-policy.pipelines.chat.inbound[0].rate-limit.frames
					rate-limit.frames=1,rate-limit.burst=0              | Property: ws-policy.pipelines.chat.inbound[0].rate-limit.burst
					rate-limit.bytes=1GB                                | .rate-limit' are invalid: bytes: 1073741824 per PT1S
					rate-limit.frames=1000000001                        | .rate-limit' are invalid: frames: 1000000001 per PT1S
					""")
	void settingsOfBuiltInPolicies(String properties, String named) {
		fails(Stream.of(properties.split(","))
			.map((property) -> "ws-policy.pipelines.chat.inbound[0]." + property)
			.toArray(String[]::new)).satisfies((analysis) -> assertThat(analysis.getDescription()).contains(named));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					upgrade[0].session-limit.max=3;upgrade[0].session-limit.code=4410 | code: supported with 'on-exceed: close-oldest' only
					upgrade[0].session-limit.max=3;upgrade[0].session-limit.reason=x | reason: supported with 'on-exceed: close-oldest' only
					upgrade[0].session-limit.opening-rate=3;upgrade[0].session-limit.on-exceed=close-oldest | on-exceed: supported with max only
					inbound[0].text-pattern.patterns=a;inbound[0].text-pattern.replacement=x | replacement: supported with 'action: mask' only
					inbound[0].text-pattern.patterns=a;inbound[0].text-pattern.action=mask;inbound[0].text-pattern.on-violation=drop | on-violation: supported with 'action: deny' only
					inbound[0].token-expiry.renew.swallow=false | renew.swallow: supported with renew.pointer or renew.prefix only
					inbound[0].token-expiry.renew.reply=x       | renew.reply: supported with renew.pointer or renew.prefix only
					inbound[0].token-expiry.renew.reason=x      | renew.reason: supported with renew.pointer or renew.prefix only
					inbound[0].first-message-auth.username-pointer=/x | username-pointer: supported with 'credentials: password' only
					inbound[0].first-message-auth.password-pointer=/x | password-pointer: supported with 'credentials: password' only
					inbound[0].frame-log.replacement=x          | replacement: supported with pointers or patterns only
					inbound[0].frame-log.logger=x;inbound[0].frame-log.record.file=x | logger: not supported with record
					inbound[0].frame-log.level=warn;inbound[0].frame-log.record.file=x | level: not supported with record
					upgrade[0].session-limit.max=3;upgrade[0].session-limit.ipv6-prefix=56 | ipv6-prefix: not supported with 'scope: gateway'
					upgrade[0].session-limit.max=3;upgrade[0].session-limit.scope=route;upgrade[0].session-limit.ipv6-prefix=56 | ipv6-prefix: not supported with 'scope: route'
					inbound[0].rate-limit.frames=3;inbound[0].rate-limit.ipv6-prefix=56 | ipv6-prefix: not supported with 'scope: session'
					""")
	void settingThatDoesNotApply(String properties, String message) {
		String[] all = Stream.of(properties.split(";"))
			.map((property) -> "ws-policy.pipelines.chat." + property)
			.toArray(String[]::new);
		String policy = all[0].replaceAll("(\\[0]\\.[^.]+).*", "$1");
		assertThat(withCheck(all).getDescription()).startsWith("The settings below '" + policy + "' are invalid: ")
			.endsWith(message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					inbound[0].deny-nul.mode=sometimes        | inbound[0].deny-nul.mode
					inbound[0].deny-nul.share=5               | .deny-nul' are invalid: share: 5 (expected: a percentage such as 5%)
					inbound[0].deny-nul.share=101%            | .deny-nul' are invalid: share: 101% (expected: 0% to 100%)
					inbound[0].deny-nul.rest=off              | .deny-nul' are invalid: rest: OFF (expected: with a share only)
					inbound[0].deny-nul.share=5%,inbound[0].deny-nul.mode=off | .deny-nul' are invalid: share: 5% (expected: with a mode other than OFF)
					inbound[0].shout.suffix=x,inbound[0].shout.share=many | .shout' are invalid: share: many
					outbound[0].authenticated-only.mode=observe | observes the policy 'authenticated-only'
					inbound[0].rate-limit.frames=1,inbound[0].rate-limit.on-exceed=throttle,inbound[0].rate-limit.mode=observe | observes the policy 'rate-limit'
					upgrade[0].session-limit.max=1,upgrade[0].session-limit.on-exceed=close-oldest,upgrade[0].session-limit.share=5% | observes the policy 'session-limit'
					""")
	void rollout(String properties, String named) {
		String[] all = Stream.of(properties.split(","))
			.map((property) -> "ws-policy.pipelines.chat." + property)
			.toArray(String[]::new);
		fails(all).satisfies((analysis) -> assertThat(analysis.getDescription()).contains(named));
	}

	@Test
	void wrappedPolicyWithATooLongDelay() {
		fails("ws-policy.mdc=true", "ws-policy.pipelines.chat.inbound[0].rate-limit.frames=1",
				"ws-policy.pipelines.chat.inbound[0].rate-limit.on-exceed=throttle",
				"ws-policy.pipelines.chat.inbound[0].rate-limit.max-wait=10s")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.contains("'ws-policy.pipelines.chat.inbound[0].rate-limit.max-wait'", "PT10S");
				assertThat(analysis.getAction()).contains("'ws-policy.pipelines.chat.session.verdict-timeout'");
			});
	}

	@Test
	void unknownPolicyWithSettings() {
		fails("ws-policy.pipelines.chat.outbound[0].shoot.suffix=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.outbound[0]", "'shoot'");
			assertThat(analysis.getAction()).contains("Did you mean 'shout'?");
		});
	}

	@ParameterizedTest
	@CsvSource({ "inbound[0], allowed-origins, a policy on upgrades, upgrade",
			"outbound[0], one-by-one, a policy on upgrades, upgrade",
			"upgrade[0], shout, a policy on frames, inbound' or 'outbound",
			"upgrade[0], mask-card-numbers, a policy on frames, inbound' or 'outbound" })
	void policyInAListOfTheWrongKind(String list, String policy, String kind, String remedy) {
		fails("ws-policy.pipelines.chat." + list + "=" + policy).satisfies((analysis) -> {
			assertThat(analysis.getDescription()).isEqualTo("The property 'ws-policy.pipelines.chat." + list
					+ "' lists '" + policy + "', which is " + kind + ".");
			assertThat(analysis.getAction()).isEqualTo("List it below '" + remedy + "'.");
		});
	}

	@ParameterizedTest
	@CsvSource({ "com.google.re2j, text-pattern, com.google.re2j:re2j",
			"io.github.bucket4j, rate-limit, com.bucket4j:bucket4j_jdk17-core",
			"com.github.benmanes, rate-limit, com.github.ben-manes.caffeine:caffeine",
			"com.networknt, json-schema, com.networknt:json-schema-validator",
			"org.springframework.messaging, stomp-authorization, org.springframework:spring-messaging",
			"graphql, graphql-limit, com.graphql-java:graphql-java" })
	void policyWithoutItsLibrary(String missing, String policy, String libraries) {
		FailureAnalysis analysis = analyze(this.runner.withClassLoader(new FilteredClassLoader(missing))
			.withPropertyValues("ws-policy.pipelines.chat.inbound[0]=" + policy));
		assertThat(analysis.getDescription()).isEqualTo("The property 'ws-policy.pipelines.chat.inbound[0]' names the"
				+ " policy '" + policy + "', which needs a library that is not on the class path.");
		assertThat(analysis.getAction()).isEqualTo("Add " + libraries + ".");
	}

	@Test
	void allMissingLibrariesAreReportedTogether() {
		FailureAnalysis analysis = analyze(this.runner
			.withClassLoader(
					new FilteredClassLoader("com.google.re2j", "io.github.bucket4j", "com.github.benmanes", "graphql"))
			.withPropertyValues("ws-policy.pipelines.chat.inbound[0]=text-pattern",
					"ws-policy.pipelines.chat.inbound[1]=no-such-policy",
					"ws-policy.pipelines.chat.outbound[0].rateLimit.frames=5",
					"ws-policy.pipelines.news.inbound[0]=graphql-limit"));
		assertThat(analysis.getDescription()).contains(
				"'ws-policy.pipelines.chat.inbound[0]' names the policy 'text-pattern', which needs com.google.re2j:re2j",
				"'ws-policy.pipelines.chat.outbound[0]' names the policy 'rate-limit', which needs"
						+ " com.bucket4j:bucket4j_jdk17-core and com.github.ben-manes.caffeine:caffeine",
				"'ws-policy.pipelines.news.inbound[0]' names the policy 'graphql-limit'");
		assertThat(analysis.getAction()).isEqualTo("Add com.bucket4j:bucket4j_jdk17-core and"
				+ " com.github.ben-manes.caffeine:caffeine and com.google.re2j:re2j and com.graphql-java:graphql-java.");
	}

	@Test
	void annotationOnAnUpgradePolicy() {
		FailureAnalysis analysis = analyze(this.runner.withBean("insiders", AnnotatedUpgradePolicy.class));
		assertThat(analysis.getDescription()).contains("'insiders'", "@WsPolicy", "UpgradePolicy", "'routes'");
	}

	@Test
	void unboundUpgradePolicy() {
		FailureAnalysis analysis = analyze(this.runner.withBean("noInsiders", UnboundUpgradePolicy.class));
		assertThat(analysis.getDescription()).contains("'noInsiders'", "no @WsPolicy", "no pipeline lists it");
		assertThat(analysis.getAction()).contains("@WsPolicy", "'no-insiders' below 'upgrade'");
		this.runner.withBean("noInsiders", UnboundUpgradePolicy.class)
			.withPropertyValues("ws-policy.pipelines.chat.upgrade[0]=no-insiders")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void entryOfAListWithoutADash() {
		fails("ws-policy.pipelines.chat.inbound.shout.suffix=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("'ws-policy.pipelines.chat.inbound' has no 'shout'");
			assertThat(analysis.getAction())
				.isEqualTo("It is a list: begin each of its entries with a dash, as in '- shout'.");
		});
	}

	@Test
	void policyInAnExcludedDirection() {
		fails("ws-policy.pipelines.chat.inbound[0]=outbound-only").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]", "'outbound-only'");
			assertThat(analysis.getAction()).contains("Direction.INBOUND");
		});
	}

	@ParameterizedTest
	@CsvSource({ "outbound, first-message-auth=, inbound", "outbound, token-expiry=, inbound",
			"outbound, stomp-authorization.rules[0].destinations=/x, inbound",
			"inbound, authenticated-only=, outbound" })
	void builtInPolicyInAnExcludedDirection(String list, String policy, String supported) {
		FailureAnalysis analysis = withCheck("ws-policy.pipelines.chat." + list + "[0]." + policy);
		assertThat(analysis.getDescription())
			.isEqualTo("The property 'ws-policy.pipelines.chat." + list + "[0]' lists '"
					+ policy.replaceAll("[.=].*", "") + "', which is a policy on " + supported + " frames.");
		assertThat(analysis.getAction()).isEqualTo("List it below '" + supported + "'.");
	}

	/** If a session has no such value, its address counts. */
	@ParameterizedTest
	@ValueSource(strings = { "address", "principal", "header:x-device", "path:device", "attribute:device" })
	void prefixOfAddresses(String scope) {
		this.runner
			.withPropertyValues("ws-policy.pipelines.chat.inbound[0].rate-limit.frames=3",
					"ws-policy.pipelines.chat.inbound[0].rate-limit.scope=" + scope,
					"ws-policy.pipelines.chat.inbound[0].rate-limit.ipv6-prefix=56")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void firstMessageAuthListedTwice() {
		FailureAnalysis analysis = withCheck("ws-policy.pipelines.chat.inbound[0]=first-message-auth",
				"ws-policy.pipelines.chat.inbound[1].first-message-auth.pointer=/token");
		assertThat(analysis.getDescription()).contains("'ws-policy.pipelines.chat.inbound[0].first-message-auth'",
				"'ws-policy.pipelines.chat.inbound[1].first-message-auth'");
		assertThat(analysis.getAction()).isEqualTo("List 'first-message-auth' once.");
	}

	@Test
	void authenticatedOnlyWithoutFirstMessageAuth() {
		FailureAnalysis analysis = withCheck("ws-policy.pipelines.chat.outbound[0]=authenticated-only");
		assertThat(analysis.getDescription()).contains("'ws-policy.pipelines.chat.outbound[0].authenticated-only'",
				"does not list the built-in 'first-message-auth'");
		assertThat(analysis.getAction()).contains("List 'first-message-auth' below 'inbound'");
	}

	@Test
	void whatAuthenticatesIsOff() {
		FailureAnalysis analysis = withCheck("ws-policy.pipelines.chat.inbound[0].first-message-auth.mode=off",
				"ws-policy.pipelines.chat.outbound[0]=authenticated-only");
		assertThat(analysis.getDescription()).contains("'ws-policy.pipelines.chat.outbound[0].authenticated-only'",
				"'ws-policy.pipelines.chat.inbound[0].first-message-auth' is off");
		assertThat(analysis.getAction()).contains("Remove 'mode: off' from 'first-message-auth'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "outbound[0].authenticated-only.mode=off",
			"inbound[0]=first-message-auth,inbound[1].first-message-auth.mode=off" })
	void policyThatIsOffNeedsNothing(String properties) {
		this.runner.withBean(CredentialsCheck.class, () -> (credentials, session) -> Mono.empty())
			.withPropertyValues(inChat(properties))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					wsPolicyFirstMessageAuthFactory | first-message-auth | inbound[0]=first-message-auth,inbound[1]=first-message-auth
					wsPolicyAuthenticatedOnlyFactory | authenticated-only | outbound[0]=authenticated-only
					""")
	void policyInPlaceOfABuiltInOne(String bean, String name, String properties) {
		this.runner.withBean(bean, FramePolicyFactory.class, () -> own(name))
			.withPropertyValues(inChat(properties))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void builtInPolicyThatDependsOnAReplacedOne() {
		FailureAnalysis analysis = analyze(this.runner
			.withBean("wsPolicyFirstMessageAuthFactory", FramePolicyFactory.class, () -> own("first-message-auth"))
			.withPropertyValues(inChat("inbound[0]=first-message-auth,outbound[0]=authenticated-only")));
		assertThat(analysis.getDescription()).contains("does not list the built-in 'first-message-auth'");
	}

	private static FramePolicyFactory<?> own(String name) {
		return FramePolicyFactory.of(name, NoSettings.class, (settings) -> (frame, context) -> Verdict.forward());
	}

	private static String[] inChat(String properties) {
		return Stream.of(properties.split(","))
			.map((property) -> "ws-policy.pipelines.chat." + property)
			.toArray(String[]::new);
	}

	private FailureAnalysis withCheck(String... properties) {
		return analyze(this.runner.withBean(CredentialsCheck.class, () -> (credentials, session) -> Mono.empty())
			.withPropertyValues(properties));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a b", "ä", "a/b" })
	void nameThatNoSubprotocolCanHave(String name) {
		fails("ws-policy.pipelines.chat.upgrade[0].require-subprotocol.names[0]=chat",
				"ws-policy.pipelines.chat.upgrade[0].require-subprotocol.names[1]=" + name)
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("'ws-policy.pipelines.chat.upgrade[0].require-subprotocol'", "names: '" + name + "'"));
	}

	@Test
	void settingIsSpelledAsInTheDocumentation() {
		fails("ws-policy.pipelines.chat.upgrade[0].session-limit.opening-rate=0")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.startsWith("The settings below 'ws-policy.pipelines.chat.upgrade[0].session-limit' are invalid:")
				.contains("Property: ws-policy.pipelines.chat.upgrade[0].session-limit.opening-rate", "Value: \"0\""));
	}

	@Test
	void settingsOnABean() {
		fails("ws-policy.pipelines.chat.inbound[0].mask-card-numbers.pattern=x").satisfies((analysis) -> {
			assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]",
					"'mask-card-numbers'");
			assertThat(analysis.getAction()).contains("Remove the settings");
		});
	}

	@Test
	void twoNamesInOneEntry() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x",
				"ws-policy.pipelines.chat.inbound[0].mask-card-numbers=")
			.satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("ws-policy.pipelines.chat.inbound[0]");
				assertThat(analysis.getAction()).contains("its own dash");
			});
	}

	@Test
	void unknownSettingOfAFactory() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x", "ws-policy.pipelines.chat.inbound[0].shout.sufix=y")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout.sufix", "y"));
	}

	@Test
	void settingOfTheWrongType() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=x",
				"ws-policy.pipelines.chat.inbound[0].shout.times=often")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout.times", "often"));
	}

	@Test
	void settingsThatViolateBeanValidation() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=", "ws-policy.pipelines.chat.inbound[0].shout.times=17")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix", "must not be blank", "times", "17"));
	}

	@Test
	void missingSettings() {
		fails("ws-policy.pipelines.chat.inbound[0]=shout").satisfies((analysis) -> assertThat(analysis.getDescription())
			.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix", "must not be blank"));
	}

	@Test
	void settingsThatTheFactoryRejects() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=bad")
			.satisfies((analysis) -> assertThat(analysis.getDescription())
				.contains("ws-policy.pipelines.chat.inbound[0].shout", "suffix: bad (expected: anything else)"));
	}

	@Test
	void unknownSettingIsExplained() {
		fails("ws-policy.pipelines.chat.inbound[0].shout.suffix=!", "ws-policy.pipelines.chat.inbound[0].shout.sufix=x")
			.satisfies((analysis) -> assertThat(analysis.getAction()).startsWith("Did you mean 'suffix'?"));
	}

	record NoSettings() {

	}

	@WsPolicy(routes = "chat", direction = Direction.INBOUND)
	static class AnnotatedUpgradePolicy implements UpgradePolicy {

		@Override
		public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
			return Mono.empty();
		}

	}

	static class UnboundUpgradePolicy implements UpgradePolicy {

		@Override
		public Mono<UpgradeVerdict> apply(UpgradeContext upgrade) {
			return Mono.just(UpgradeVerdict.accept());
		}

	}

}
