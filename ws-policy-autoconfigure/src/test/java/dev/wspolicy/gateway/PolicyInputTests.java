package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.Jwts;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for ambiguous, extreme and unusual input of the built-in policies and limits, on
 * real sockets.
 */
class PolicyInputTests {

	private static final String ROUTES = "spring.cloud.gateway.server.webflux.routes";

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Beans.class)
		// Much more than a test needs for an answer, however busy the machine is
		.pipeline("session.close-timeout", "1m")
		.pipeline("session.verdict-timeout", "2m")
		.pipeline("stomp", "inbound[0].stomp-authorization.rules[0].destinations", "/app/**")
		.pipeline("graphql", "inbound[0].graphql-limit.max-subscriptions", "1")
		.pipeline("graphql", "outbound[0]", "graphql-limit")
		.pipeline("init", "inbound[0].first-message-auth.pointer", "/payload/Authorization")
		.pipeline("init", "inbound[0].first-message-auth.prefix", "Bearer ")
		.pipeline("init", "inbound[0].first-message-auth.swallow", "false")
		.pipeline("init", "inbound[0].first-message-auth.deadline", "1m")
		.pipeline("origins", "upgrade[0].allowed-origins.origins[0]", "https://app.example.com")
		.pipeline("origins", "upgrade[0].allowed-origins.origins[1]", "https://www.example.com:443")
		.pipeline("origins", "upgrade[0].allowed-origins.origins[2]", "http://localhost:*")
		.pipeline("origins", "upgrade[0].allowed-origins.origins[3]", "http://[::1]:3000")
		.pipeline("places-path", "upgrade[0].session-limit.max", 1)
		.pipeline("places-path", "upgrade[0].session-limit.scope", "path:device")
		.pipeline("places-header", "upgrade[0].session-limit.max", 1)
		.pipeline("places-header", "upgrade[0].session-limit.scope", "header:X-Api-Key")
		.pipeline("places-attribute", "upgrade[0].session-limit.max", 1)
		.pipeline("places-attribute", "upgrade[0].session-limit.scope", "attribute:tenant")
		.pipeline("places-principal", "upgrade[0].session-limit.max", 1)
		.pipeline("places-principal", "upgrade[0].session-limit.scope", "principal")
		.pipeline("rate-path", "inbound[0].rate-limit.scope", "path:device")
		.pipeline("rate-path", "inbound[0].rate-limit.frames", 1)
		.pipeline("rate-path", "inbound[0].rate-limit.per", "1h")
		.pipeline("rate-header", "inbound[0].rate-limit.scope", "header:X-Api-Key")
		.pipeline("rate-header", "inbound[0].rate-limit.frames", 1)
		.pipeline("rate-header", "inbound[0].rate-limit.per", "1h")
		.pipeline("rate-attribute", "inbound[0].rate-limit.scope", "attribute:tenant")
		.pipeline("rate-attribute", "inbound[0].rate-limit.frames", 1)
		.pipeline("rate-attribute", "inbound[0].rate-limit.per", "1h")
		.pipeline("few", "limits.inbound-fragments", 2)
		.pipeline("few", "limits.outbound-fragments", 3)
		.pipeline("read", "inbound[0]", "deny-nul")
		.pipeline("read", "outbound[0]", "deny-nul")
		.pipeline("redact", "inbound[0].json-redact.pointers", "/secret")
		.pipeline("redact", "outbound[0].json-redact.pointers", "/secret")
		.pipeline("schema", "inbound[0].json-schema.schema", "classpath:schemas/chat.json")
		.pipeline("schema", "outbound[0].json-schema.schema", "classpath:schemas/chat.json")
		.routesByName("places-path", "rate-path")
		.set(ROUTES + "[0].predicates[0]", "Path=/places-path/{device}")
		.set(ROUTES + "[1].predicates[0]", "Path=/rate-path/{device}")
		.routes("passed")
		.routesByName("stomp", "graphql", "init", "origins", "places-header", "places-attribute", "places-principal",
				"rate-header", "rate-attribute", "few", "read", "redact", "schema");

	@AfterEach
	void allPlacesAreFreeAgain() {
		gateway.closeSessions();
		await().untilAsserted(() -> assertThat(gateway.bean(LocalSessionPlaces.class).size()).isZero());
	}

	@ParameterizedTest
	@ValueSource(strings = { "content-length:5\ncontent-length:5", "content-length:5\ncontent-length:1",
			"content-length:+5", "content-length:05", "content-length: 5", "Content-Length:5", "destination:/app/b" })
	void ambiguousStompHeaderIsRefused(String header) {
		RawSession session = gateway.open("stomp");
		session.client().send(WireFrame.text(send("/app/a", "content-length:5")).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(send("/app/a", "content-length:5"));
		session.client().send(WireFrame.text(send("/app/a", header)).masked());
		assertThat(session.client().receiveFrame().payloadAsText()).startsWith("ERROR\n").endsWith("\u0000");
		expectClosed(session, Side.CLIENT, WireFrame.close(1008));
	}

	@Test
	void eachStompFrameOfSockJsIsChecked() {
		RawSession session = gateway.open("stomp");
		String allowed = sockJs(send("/app/a", "x:1"), send("/app/b", "x:1"));
		session.client().send(WireFrame.text(allowed).masked());
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo(allowed);
		session.client().send(WireFrame.text(sockJs(send("/app/a", "x:1"), send("/topic/b", "x:1"))).masked());
		assertThat(session.client().receiveFrame().payloadAsText()).startsWith("a[\"ERROR\\n")
			.contains("message:Access denied\\n")
			.endsWith("\\u0000\"]");
		expectClosed(session, Side.CLIENT, WireFrame.close(1008));
	}

	@Test
	void ambiguousStompFrameOfSockJsIsRefused() {
		RawSession session = gateway.open("stomp");
		session.client().send(WireFrame.text(sockJs(send("/app/a", "content-length:+5"))).masked());
		assertThat(session.client().receiveFrame().payloadAsText()).startsWith("a[\"ERROR\\n");
		expectClosed(session, Side.CLIENT, WireFrame.close(1008));
	}

	private static String send(String destination, String header) {
		return "SEND\ndestination:" + destination + "\n" + header + "\n\nhello\u0000";
	}

	private static String sockJs(String... frames) {
		return "[\"" + String.join("\",\"", frames).replace("\n", "\\n").replace("\u0000", "\\u0000") + "\"]";
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"id\":1,\"type\":\"subscribe\",\"payload\":{\"query\":\"subscription { news }\"}}",
			"{\"id\":1,\"type\":\"complete\"}", "{\"id\":1,\"type\":\"stop\"}" })
	void numericGraphQlIdOfAClientIsRefused(String message) {
		RawSession session = gateway.open("graphql");
		session.client().send(WireFrame.text(message).masked());
		expectClosed(session, Side.CLIENT, WireFrame.close(4400, "not a GraphQL message"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "complete", "error" })
	void numericGraphQlIdOfAnUpstreamEndsNoSubscription(String type) {
		RawSession session = gateway.open("graphql");
		session.client().send(subscribe("1"));
		assertThat(session.upstream().receiveFrame()).isEqualTo(subscribe("1"));
		String numeric = "{\"id\":1,\"type\":\"" + type + "\"}";
		session.upstream().send(WireFrame.text(numeric));
		assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo(numeric);
		session.client().send(subscribe("2"));
		assertThat(session.client().receiveFrame().payloadAsText()).contains("\"id\":\"2\"", "Too many subscriptions");
		session.upstream().send(WireFrame.text("{\"id\":\"1\",\"type\":\"" + type + "\"}"));
		assertThat(session.client().receiveFrame().payloadAsText()).contains("\"id\":\"1\"");
		session.client().send(subscribe("3"));
		assertThat(session.upstream().receiveFrame()).isEqualTo(subscribe("3"));
	}

	private static WireFrame subscribe(String id) {
		return WireFrame
			.text("{\"id\":\"" + id + "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"subscription { news }\"}}")
			.masked();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer ", "bearer ", "BEARER  " })
	void tokenBehindAPrefixAtAPointerIsAccepted(String prefix) {
		RawSession session = gateway.open("init");
		WireFrame init = init(prefix + token());
		session.client().send(init, WireFrame.text("next").masked());
		assertThat(session.upstream().receiveFrame()).isEqualTo(init);
		assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("next");
		assertThat(gateway.onlySession().principal()).isNotNull().extracting("name").isEqualTo("ada");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Basic ", "Bearer", " Bearer ", "Bearer Bearer " })
	void tokenBehindAnotherPrefixIsRefused(String prefix) {
		RawSession session = gateway.open("init");
		session.client().send(init(prefix + token()), WireFrame.text("next").masked());
		expectClosed(session, Side.CLIENT, WireFrame.close(4401, "authentication required"));
	}

	private static WireFrame init(String authorization) {
		return WireFrame
			.text("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"" + authorization + "\"}}")
			.masked();
	}

	private static String token() {
		return Jwts.of("ada", Instant.now().plusSeconds(600));
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://app.example.com", "https://app.example.com:443", "HTTPS://App.Example.com",
			"https://www.example.com", "https://www.example.com:443", "http://localhost", "http://localhost:80",
			"http://localhost:5173", "http://[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000" })
	void originIsAccepted(String origin) {
		gateway.open(gateway.client().path("/origins").header("Origin", origin)).roundTrip();
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "file://", "", "https://app.example.com:80", "https://app.example.com:",
			"https://app.example.com/", "http://app.example.com:443", "https://localhost:5173", "http://localhost:",
			"http://localhost:*", "http://localhost:65536", "http://localhost.example.com:5173", "http://[::1]",
			"http://[::1]:3001", "http://[::2]:3000", "http://::1:3000", "http://[::1",
			"http://[::ffff:127.0.0.1]:3000", "https://app.example.com, https://app.example.com" })
	void originIsRefused(String origin) {
		assertThat(gateway.client().path("/origins").header("Origin", origin).exchange().status()).isEqualTo(403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "header", "path", "attribute" })
	void clientsWithTheSameValueShareTheirPlaces(String scope) {
		gateway.open(client("places-" + scope, "a"));
		assertThat(client("places-" + scope, "a").exchange().status()).isEqualTo(429);
		gateway.open(client("places-" + scope, "b")).roundTrip();
		assertThat(client("places-" + scope, "b").from("127.0.0.2").exchange().status()).isEqualTo(429);
	}

	@Test
	void clientsWithSeveralValuesOrNoneCountForTheirAddress() {
		gateway.open(client("places-header", "a").header("X-Api-Key", "b").from("127.0.0.2"));
		RawClient without = gateway.client().path("/places-header");
		assertThat(without.from("127.0.0.2").exchange().status()).isEqualTo(429);
		gateway.open(client("places-header", "a").from("127.0.0.2")).roundTrip();
		gateway.open(without.from("127.0.0.3")).roundTrip();
	}

	@ParameterizedTest
	@ValueSource(strings = { "header", "path", "attribute" })
	void clientsWithTheSameValueShareTheirRate(String scope) {
		// Allowances outlive the sessions.
		String value = UUID.randomUUID().toString();
		RawSession first = gateway.open(client("rate-" + scope, value));
		RawSession second = gateway.open(client("rate-" + scope, value));
		RawSession other = gateway.open(client("rate-" + scope, UUID.randomUUID().toString()));
		WireFrame message = WireFrame.text("hello").masked();
		first.client().send(message);
		assertThat(first.upstream().receiveFrame()).isEqualTo(message);
		second.client().send(message);
		expectClosed(second, Side.CLIENT, WireFrame.close(1008));
		other.client().send(message);
		assertThat(other.upstream().receiveFrame()).isEqualTo(message);
	}

	/** A client that has the value that the scope of the route refers to. */
	private static RawClient client(String route, String value) {
		if (route.endsWith("path")) {
			return gateway.client().path("/" + route + "/" + value);
		}
		return gateway.client().path("/" + route).header(route.endsWith("header") ? "X-Api-Key" : "X-Tenant", value);
	}

	@Test
	void anonymousUsersCountForTheirAddresses() {
		gateway.open(user("anonymousUser", "127.0.0.2"));
		assertThat(user("anonymousUser", "127.0.0.2").exchange().status()).isEqualTo(429);
		// The same client without Spring Security's anonymous user
		assertThat(gateway.client().path("/places-principal").from("127.0.0.2").exchange().status()).isEqualTo(429);
		gateway.open(user("anonymousUser", "127.0.0.3")).roundTrip();
		gateway.open(user("ann", "127.0.0.2")).roundTrip();
		assertThat(user("ann", "127.0.0.4").exchange().status()).isEqualTo(429);
	}

	private static RawClient user(String name, String address) {
		return gateway.client().path("/places-principal").header("X-User", name).from(address);
	}

	@ParameterizedTest
	@ValueSource(strings = { "passed", "read" })
	void upstreamMaySendMoreFragmentsThanTheClient(String route) {
		RawSession session = gateway.open(route);
		WireFrame message = WireFrame.text("x".repeat(1_025));
		session.upstream().send(message.fragments(1));
		assertThat(session.client().receiveFrames(1_025)).containsExactly(message.fragments(1));
		session.client().send(message.masked().fragments(1));
		expectClosed(session, Side.CLIENT, WireFrame.close(1009, "message over 1024 fragments"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "passed", "read" })
	void fragmentsOfTheUpstreamAreLimitedToo(String route) {
		RawSession session = gateway.open(route);
		session.upstream().sendAsync(WireFrame.encodeAll(WireFrame.text("x".repeat(65_537)).fragments(1)));
		expectClosed(session, Side.UPSTREAM, WireFrame.close(1009, "message over 65536 fragments"));
	}

	@Test
	void fragmentsAreLimitedSeparatelyInEachDirection() {
		WireFrame three = WireFrame.text("abc");
		RawSession session = gateway.open("few");
		session.upstream().send(three.fragments(1));
		assertThat(session.client().receiveFrames(3)).containsExactly(three.fragments(1));
		session.client().send(three.masked().fragments(1));
		expectClosed(session, Side.CLIENT, WireFrame.close(1009, "message over 2 fragments"));
		RawSession other = gateway.open("few");
		other.client().send(three.masked().fragments(2));
		assertThat(other.upstream().receiveFrames(2)).containsExactly(three.masked().fragments(2));
		other.upstream().send(WireFrame.text("abcd").fragments(1));
		expectClosed(other, Side.UPSTREAM, WireFrame.close(1009, "message over 3 fragments"));
	}

	/** The longer messages are evaluated on a worker thread. */
	@ParameterizedTest
	@CsvSource({ "redact, CLIENT, 501", "redact, CLIENT, 100000", "redact, UPSTREAM, 501", "redact, UPSTREAM, 100000",
			"schema, CLIENT, 501", "schema, CLIENT, 100000", "schema, UPSTREAM, 501", "schema, UPSTREAM, 100000" })
	void tooDeepJsonClosesTheSession(String route, Side side, int levels) {
		RawSession session = gateway.open(route);
		WireFrame deep = WireFrame.text(json(500)).from(side);
		session.peer(side).send(deep);
		assertThat(session.peer(side.peer()).receiveFrame().payload()).isEqualTo(deep.payload());
		session.peer(side).send(WireFrame.text(json(levels)).from(side));
		expectClosed(session, side, WireFrame.close(1007, "not JSON"));
		session.peer(side).send(WireFrame.close(1007).from(side));
		session.peer(side.peer()).send(WireFrame.close(1001).from(side.peer()));
		session.endInOrder();
		gateway.awaitNoSessions();
	}

	private static String json(int levels) {
		return "{\"room\":\"lobby\",\"deep\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
	}

	/** The peer on one side gets this close frame, the other one gets 1001. */
	private static void expectClosed(RawSession session, Side offender, WireFrame close) {
		assertThat(close(session.peer(offender.peer())).closeCode()).isEqualTo(1001);
		assertThat(close(session.peer(offender)).unmasked()).isEqualTo(close);
	}

	/** Fragments of the message that is refused may have been relayed. */
	private static WireFrame close(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		while (frame.opcode() == WireFrame.CONTINUATION || !frame.fin()) {
			frame = peer.receiveFrame();
		}
		return frame;
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		ReactiveJwtDecoder jwtDecoder() {
			return Jwts.decoder();
		}

		@Bean
		WebFilter tenant() {
			return (exchange, chain) -> {
				String tenant = exchange.getRequest().getHeaders().getFirst("X-Tenant");
				if (tenant != null) {
					exchange.getAttributes().put("tenant", tenant);
				}
				return chain.filter(exchange);
			};
		}

		@Bean
		WebFilter authentication() {
			return (exchange, chain) -> {
				String user = exchange.getRequest().getHeaders().getFirst("X-User");
				if (user == null) {
					return chain.filter(exchange);
				}
				Authentication principal = user.equals("anonymousUser")
						? new AnonymousAuthenticationToken("key", user,
								AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"))
						: new TestingAuthenticationToken(user, "", List.of());
				return chain.filter(exchange.mutate().principal(Mono.just(principal)).build());
			};
		}

	}

}
