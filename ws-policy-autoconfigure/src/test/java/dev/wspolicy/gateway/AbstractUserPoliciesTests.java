package dev.wspolicy.gateway;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawSession;

/**
 * A gateway with policies as users write them, which several test classes share.
 */
abstract class AbstractUserPoliciesTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(UserPolicies.class)
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.verdict-timeout", "1m")
		.pipeline("never", "session.verdict-timeout", "400ms")
		.pipeline("listed", "inbound[0]", "add-star")
		.pipeline("listed", "inbound[1].shout.suffix", "!")
		.pipeline("listed", "inbound[1].shout.times", "3")
		.pipeline("listed", "inbound[2].shout.suffix", "?")
		.pipeline("listed", "inbound[3]", "second_policy")
		.pipeline("listed", "content-type", "text/plain")
		.pipeline("scripted", "inbound[0]", "scripted")
		.pipeline("scripted", "outbound[0]", "scripted")
		.routes("annotated", "blocking", "blocking-both", "control", "on-error-close", "on-error-drop",
				"on-error-forward")
		.routesByName("listed", "scripted", "never")
		.shared();

	@AfterEach
	void everySessionHasEnded() {
		gateway.awaitNoSessions();
		beans().events.clear();
		beans().script = null;
	}

	static Termination closed() {
		Termination termination = gateway.termination();
		while (!gateway.recorder().terminations().isEmpty()) {
			termination = gateway.termination();
		}
		return termination;
	}

	static ProxiedSession session() {
		return gateway.onlySession();
	}

	static void script(FramePolicy script) {
		beans().script = script;
	}

	static UserPolicies beans() {
		return gateway.bean(UserPolicies.class);
	}

	static RawSession open(String route) {
		gateway.recorder().clear();
		return gateway.open(route);
	}

}
