package dev.wspolicy.redis;

import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.redis.FleetApplication.Answer;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that a policy is switched on two gateways.
 */
class FleetSwitchTests {

	static final String POLICY = "/websocketpipelines/default/size-limit";

	static final Map<String, Object> PIPELINE = Map.of("ws-policy.pipelines.default.inbound[0].size-limit.bytes", "3B",
			"ws-policy.pipelines.default.inbound" + "[0].size-limit.on-violation.action", "drop");

	private static RedisProcess redis;

	private static FleetApplication one;

	private static FleetApplication two;

	@BeforeAll
	static void start() {
		redis = RedisProcess.start();
		one = FleetApplication.start("one", redis.port(), PIPELINE);
		two = FleetApplication.start("two", redis.port(), PIPELINE);
		await().until(() -> one.get("/websockets?fleet=true").json().at("/fleet/answered").asInt() == 2);
	}

	@AfterAll
	static void stop() {
		two.close();
		one.close();
		redis.close();
	}

	@AfterEach
	void undo() {
		one.call("DELETE", POLICY + "?fleet=true", null);
		two.call("DELETE", POLICY, null);
		assertThat(one.bean(PolicySwitch.class).overrides()).isEmpty();
		assertThat(two.bean(PolicySwitch.class).overrides()).isEmpty();
	}

	@Test
	void bothGatewaysFollow() {
		RawSession ana = one.open("ana");
		RawSession bob = two.open("bob");
		await().until(() -> one.sessions() + two.sessions() == 2);
		assertDropsRude(ana);
		assertDropsRude(bob);
		Answer answer = one.call("POST", POLICY, "{\"mode\": \"observe\", \"for\": \"15m\", \"fleet\": true}");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.json().path("sessions").asInt()).isEqualTo(2);
		assertThat(answer.json().at("/fleet/answered").asInt()).isEqualTo(2);
		assertThat(answer.json().at("/fleet/problems").isEmpty()).isTrue();
		assertPassesRude(ana);
		assertPassesRude(bob);
		JsonNode shown = two.get("/websocketpipelines/chat").json().at("/inbound/0");
		assertThat(shown.at("/rollout/mode").asString()).isEqualTo("OBSERVE");
		assertThat(shown.at("/overridden/until").asString()).isEqualTo(answer.json().path("until").asString());
		Answer undone = two.call("DELETE", POLICY + "?fleet=true", null);
		assertThat(undone.json().path("sessions").asInt()).isEqualTo(2);
		assertDropsRude(ana);
		assertDropsRude(bob);
		assertThat(two.call("DELETE", POLICY + "?fleet=true", null).status()).isEqualTo(404);
		ana.close();
		bob.close();
	}

	@Test
	void onlyOneGatewayFollows() {
		assertThat(two.call("POST", POLICY, "{\"mode\": \"off\"}").status()).isEqualTo(200);
		assertThat(one.bean(PolicySwitch.class).overrides()).isEmpty();
		assertThat(two.bean(PolicySwitch.class).overrides()).hasSize(1);
	}

	static void assertPassesRude(RawSession session) {
		// The event loop switches the session before it comes to what arrives after this.
		session.roundTrip();
		session.client().send(WireFrame.text("rude").masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("rude");
	}

	private static void assertDropsRude(RawSession session) {
		// The event loop switches the session before it comes to what arrives after this.
		session.roundTrip();
		session.client().send(WireFrame.text("rude").masked());
		session.roundTrip();
	}

}
