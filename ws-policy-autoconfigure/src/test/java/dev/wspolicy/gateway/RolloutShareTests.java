package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.BitSet;
import java.util.function.IntFunction;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for which clients belong to the share that a policy is enforced for.
 */
class RolloutShareTests {

	private static final int CLIENTS = 24;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		.pipeline("half", "inbound[0].shouting.share", "50%")
		.routesByName("half");

	@AfterEach
	void undo() {
		PolicySwitch policies = gateway.bean(PolicySwitch.class);
		policies.overrides().stream().map(RolloutOverride::target).forEach(policies::undo);
	}

	@Test
	void anonymousUsersAreToldApartByTheirAddresses() {
		BitSet first = enforced(RolloutShareTests::anonymous);
		assertThat(first.cardinality()).isBetween(1, CLIENTS - 1);
		assertThat(enforced(RolloutShareTests::anonymous)).isEqualTo(first);
		// The same clients as without Spring Security's anonymous user.
		assertThat(enforced(RolloutShareTests::nobody)).isEqualTo(first);
	}

	@Test
	void userIsTheSameFromEachAddress() {
		BitSet enforced = enforced((number) -> nobody(number).header("X-User", "ann"));
		assertThat(enforced.cardinality()).isIn(0, CLIENTS);
	}

	@Test
	void shareOfAnOverrideReplacesTheConfiguredOne() {
		BitSet configured = enforced(RolloutShareTests::user);
		override("50%");
		assertThat(enforced(RolloutShareTests::user)).isEqualTo(configured);
		override("25%");
		BitSet fewer = enforced(RolloutShareTests::user);
		BitSet others = (BitSet) fewer.clone();
		others.andNot(configured);
		assertThat(others.isEmpty()).isTrue();
		override("100%");
		assertThat(enforced(RolloutShareTests::anonymous).cardinality()).isEqualTo(CLIENTS);
		override("0%");
		assertThat(enforced(RolloutShareTests::anonymous).cardinality()).isZero();
	}

	private static void override(String share) {
		gateway.bean(PolicySwitch.class)
			.set(new RolloutOverride(new PolicyTarget("half", "shouting", null, null),
					Rollout.of(PolicyMode.ENFORCE, share, null), "ops", Instant.now(), null));
	}

	private static RawClient nobody(int number) {
		return gateway.client().path("/half").from("127.0.0." + (number + 1));
	}

	private static RawClient anonymous(int number) {
		return nobody(number).header("X-Anonymous", "true");
	}

	private static RawClient user(int number) {
		return gateway.client().path("/half").header("X-User", "user-" + number);
	}

	/** Return the numbers of the clients that the policy is enforced for. */
	private static BitSet enforced(IntFunction<RawClient> clients) {
		BitSet enforced = new BitSet();
		for (int i = 0; i < CLIENTS; i++) {
			try (RawSession session = RawSession.open(clients.apply(i), gateway.upstream())) {
				session.client().send(WireFrame.text("a").masked());
				String text = session.upstream().receiveFrame().payloadAsText();
				assertThat(text).isIn("a", "A");
				enforced.set(i, text.equals("A"));
			}
		}
		return enforced;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		TextPolicy shouting() {
			return (text, context) -> Verdict.replaceText("A");
		}

		@Bean
		WebFilter authentication() {
			return (exchange, chain) -> {
				String user = exchange.getRequest().getHeaders().getFirst("X-User");
				boolean anonymous = exchange.getRequest().getHeaders().containsHeader("X-Anonymous");
				if (user == null && !anonymous) {
					return chain.filter(exchange);
				}
				Authentication principal = anonymous
						? new AnonymousAuthenticationToken("key", "anonymousUser",
								AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"))
						: new TestingAuthenticationToken(user, "");
				return chain.filter(exchange.mutate().principal(Mono.just(principal)).build());
			};
		}

	}

}
