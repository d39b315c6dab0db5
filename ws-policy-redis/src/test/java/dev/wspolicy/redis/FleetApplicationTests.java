package dev.wspolicy.redis;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.redis.FleetApplication.Answer;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for two gateways as users run them, through the endpoint of one.
 */
class FleetApplicationTests {

	private static RedisProcess redis;

	private static FleetApplication one;

	private static FleetApplication two;

	@BeforeAll
	static void start() {
		redis = RedisProcess.start();
		one = FleetApplication.start("one", redis.port());
		two = FleetApplication.start("two", redis.port(), Map.of("ws-policy.fleet.endpoint-default", "true",
				"server.http2.enabled", "true", "ws-policy.http2.enabled", "true"));
		await().until(() -> one.get("/websockets?fleet=true").json().at("/fleet/answered").asInt() == 2);
	}

	@AfterAll
	static void stop() {
		two.close();
		one.close();
		redis.close();
	}

	@AfterEach
	void closeSessions() {
		one.call("DELETE", "/websockets?fleet=true&all=true", null);
		await().until(() -> one.sessions() + two.sessions() == 0);
		await().until(() -> total() == 0);
	}

	private static int total() {
		return one.get("/websockets?fleet=true").json().path("total").asInt(-1);
	}

	private static List<String> texts(JsonNode array) {
		return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asString).toList();
	}

	@Test
	void listsTheSessionsOfBoth() {
		one.open("ana");
		two.open("bob");
		await().until(() -> total() == 2);
		Answer answer = one.get("/websockets?fleet=true");
		assertThat(answer.status()).isEqualTo(200);
		JsonNode list = answer.json();
		assertThat(list.path("gateway").asString()).isEqualTo("one");
		assertThat(list.path("shared").asBoolean()).isTrue();
		assertThat(texts(list.path("fleet").path("gateways"))).containsExactly("one", "two");
		assertThat(list.path("fleet").path("live").asInt()).isEqualTo(2);
		assertThat(list.path("fleet").path("answered").asInt()).isEqualTo(2);
		assertThat(list.path("fleet").path("missing").isEmpty()).isTrue();
		assertThat(list.path("gateways").size()).isEqualTo(2);
		JsonNode first = list.path("sessions").path(0);
		assertThat(first.path("gateway").asString()).isEqualTo("one");
		assertThat(first.path("principal").asString()).isEqualTo("ana");
		assertThat(first.path("route").asString()).isEqualTo("chat");
		assertThat(first.path("remoteAddress").asString()).startsWith("127.0.0.1:");
		assertThat(list.path("sessions").path(1).path("gateway").asString()).isEqualTo("two");
		assertThat(one.get("/websockets").json().path("total").asInt()).isEqualTo(1);
		assertThat(two.get("/websockets").json().path("total").asInt()).isEqualTo(2);
		assertThat(two.get("/websockets?fleet=false").json().path("total").asInt()).isEqualTo(1);
		assertThat(one.get("/websockets?fleet=true&principal=bob").json().path("total").asInt()).isEqualTo(1);
	}

	@Test
	void listsAndFindsTheProtocolOfTheClientLeg() {
		for (ClientLeg leg : ClientLeg.values()) {
			two.open(leg.name(), leg);
		}
		await().until(() -> total() == 2);
		for (JsonNode listed : one.get("/websockets?fleet=true").json().path("sessions")) {
			String protocol = ClientLeg.valueOf(listed.path("principal").asString()).protocol();
			assertThat(listed.path("protocol").asString()).isEqualTo(protocol);
			JsonNode found = one.get("/websockets/" + listed.path("id").asString() + "?fleet=true").json();
			assertThat(found.path("session").path("protocol").asString()).isEqualTo(protocol);
		}
	}

	@Test
	void findsSendsAndClosesOnTheOtherGateway() {
		RawSession bob = two.open("bob");
		await().until(() -> total() == 1);
		String id = one.get("/websockets?fleet=true").json().path("sessions").path(0).path("id").asString();
		assertThat(one.get("/websockets/" + id).status()).isEqualTo(404);
		Answer found = one.get("/websockets/" + id + "?fleet=true");
		assertThat(found.status()).isEqualTo(200);
		assertThat(found.json().path("session").path("gateway").asString()).isEqualTo("two");
		Answer sent = one.call("POST", "/websockets/" + id,
				"{\"side\": \"client\", \"text\": \"hello\", \"fleet\": true}");
		assertThat(sent.status()).isEqualTo(200);
		assertThat(sent.json().path("sent").asInt()).isEqualTo(1);
		assertThat(bob.client().receiveFrame().payloadAsText()).isEqualTo("hello");
		Answer closed = one.call("DELETE", "/websockets/" + id + "?fleet=true&code=4001", null);
		assertThat(closed.status()).isEqualTo(200);
		assertThat(closed.json().path("closed").asInt()).isEqualTo(1);
		assertThat(bob.client().receiveFrame().closeCode()).isEqualTo(4001);
		Answer none = one.call("DELETE", "/websockets/none?fleet=true", null);
		assertThat(none.status()).isEqualTo(404);
		assertThat(none.json().path("fleet").path("answered").asInt()).isEqualTo(2);
	}

	@Test
	void rejectsInvalidRequests() {
		assertThat(one.call("DELETE", "/websockets?fleet=true", null).status()).isEqualTo(400);
		assertThat(one.get("/websockets?fleet=true&limit=0").status()).isEqualTo(400);
		assertThat(one.get("/websockets?fleet=true&after=x").status()).isEqualTo(400);
		assertThat(one.call("DELETE", "/websockets/x?fleet=true&code=1", null).status()).isEqualTo(400);
		assertThat(one.call("POST", "/websocketrevocations", "{\"token\": \"t\", \"until\": \"later\"}").status())
			.isEqualTo(400);
		assertThat(one.call("POST", "/websocketrevocations", "{\"until\": \"2040-01-01T00:00:00Z\"}").status())
			.isEqualTo(400);
	}

	@Test
	void closesByPrincipalFromCode() {
		RawSession first = one.open("ana");
		RawSession second = two.open("ana");
		two.open("bob");
		await().until(() -> one.sessions() + two.sessions() == 3);
		FleetOutcome outcome = one.bean(Fleet.class)
			.closeByPrincipal("ana", CloseStatus.of(4003, "logged out"))
			.block();
		assertThat(outcome).isNotNull();
		assertThat(outcome.sessions()).isEqualTo(2);
		assertThat(first.client().receiveFrame().closeCode()).isEqualTo(4003);
		assertThat(second.client().receiveFrame().closeCode()).isEqualTo(4003);
		await().until(() -> one.sessions() + two.sessions() == 1);
	}

	@Test
	void neverBlocksAnEventLoop() {
		two.open("ana");
		await().until(() -> total() == 1);
		Fleet fleet = one.bean(Fleet.class);
		SessionQuery all = new SessionQuery(SessionSelector.ALL, null, 10);
		Long listed = Mono.defer(() -> fleet.gateways().then(fleet.sessions(all)))
			.map((list) -> (long) list.page().total())
			.subscribeOn(Schedulers.parallel())
			.block();
		assertThat(listed).isEqualTo(1);
		Long closed = Mono.defer(() -> fleet.closeByPrincipal("ana", CloseStatus.GOING_AWAY))
			.map(FleetOutcome::sessions)
			.subscribeOn(Schedulers.parallel())
			.block();
		assertThat(closed).isEqualTo(1);
	}

	@Test
	void drainsOneGateway() {
		RawSession other = one.open(null);
		RawSession drained = two.open(null);
		await().until(() -> total() == 2);
		Answer answer = one.call("POST", "/websockets",
				"{\"draining\": true, \"window\": \"PT0S\", \"gateway\": \"two\", \"code\": 1012}");
		try {
			assertThat(answer.status()).isEqualTo(200);
			assertThat(answer.json().path("gateway").asString()).isEqualTo("two");
			assertThat(drained.client().receiveFrame().closeCode()).isEqualTo(1012);
			assertThat(two.client(null).exchange().status()).isEqualTo(503);
			other.roundTrip();
			await().untilAsserted(() -> {
				JsonNode gateways = one.get("/websockets?fleet=true").json().path("gateways");
				assertThat(gateways.path(0).path("draining").asBoolean()).isFalse();
				assertThat(gateways.path(1).path("draining").asBoolean()).isTrue();
			});
		}
		finally {
			assertThat(one.call("POST", "/websockets", "{\"draining\": false, \"gateway\": \"two\"}").status())
				.isEqualTo(200);
		}
		Answer unknown = one.call("POST", "/websockets", "{\"draining\": true, \"gateway\": \"three\"}");
		assertThat(unknown.status()).isEqualTo(404);
		assertThat(unknown.json().path("message").asString())
			.isEqualTo("gateway: no live gateway 'three' (expected: one, two)");
		Answer invalid = one.call("POST", "/websockets",
				"{\"draining\": true, \"gateway\": \"two\", \"window\": \"-PT1S\"}");
		assertThat(invalid.status()).isEqualTo(400);
	}

	@Test
	void revokesAndRefuses() {
		RawSession eve = two.open("eve");
		await().until(() -> two.sessions() == 1);
		Answer revoked = one.call("POST", "/websocketrevocations", "{\"principal\": \"eve\", \"issuedBefore\": \""
				+ Instant.now().plusSeconds(30) + "\", \"until\": \"" + Instant.now().plusSeconds(3600) + "\"}");
		assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
		assertThat(revoked.json().path("closed").asInt()).as(revoked.body()).isEqualTo(1);
		assertThat(eve.client().receiveFrame().closeCode()).isEqualTo(4401);
		assertThat(two.client("eve").exchange().status()).isEqualTo(401);
		assertThat(one.client("eve").exchange().status()).isEqualTo(401);
		one.open("ana");
		assertThat(two.get("/websocketrevocations").json().path("size").asInt()).isEqualTo(1);
	}

	@Test
	void showsHealthAndMeters() {
		JsonNode health = one.get("/health").json().path("components").path("wsPolicyFleet");
		assertThat(health.path("status").asString()).isEqualTo("UP");
		assertThat(texts(health.path("details").path("gateways"))).containsExactly("one", "two");
		for (String meter : List.of("connected", "gateways", "backlog", "commands.sent", "commands.executed",
				"command.lag")) {
			assertThat(one.get("/metrics/wspolicy.fleet." + meter).status()).as(meter).isEqualTo(200);
		}
		assertThat(one.get("/metrics/wspolicy.fleet.gateways").json().at("/measurements/0/value").asInt()).isEqualTo(2);
	}

}
