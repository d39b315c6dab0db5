package dev.wspolicy.gateway;

import java.net.URI;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.UpgradePolicy;
import dev.wspolicy.policy.UpgradeVerdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.fail;

/**
 * Tests for what policies see of the request that opens a session, and how they refuse
 * it.
 */
@ExtendWith(OutputCaptureExtension.class)
@ParameterizedClass
@EnumSource(ClientLeg.class)
class UpgradeContextTests {

	private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[0]";

	@RegisterExtension
	static final GatewayExtension gateway = withTenants(GatewayExtension.with(Beans.class)
		.http2()
		.filteredRoute("rooms", "RemoveRequestHeader=Origin", "RewritePath=/rooms/(?<rest>.*), /internal/$\\{rest}")
		.filteredRoute("impatient", "WsPolicy=impatient")
		.pipeline("impatient", "session.handshake-timeout", "500ms")
		.set(ROUTE + ".predicates[0]", "Path=/rooms/{room}/{user}")
		.set(ROUTE + ".metadata.tier", "gold")
		.set(ROUTE + ".metadata.nested.list[0]", "one"));

	/** A pipeline for each kind of leg, as neither is to use up the rate of the other. */
	private static GatewayExtension withTenants(GatewayExtension gateway) {
		for (ClientLeg leg : ClientLeg.values()) {
			String name = tenants(leg);
			gateway.pipeline(name, "inbound[0].json-set.values[0].pointer", "/tenant")
				.pipeline(name, "inbound[0].json-set.values[0].value", "{header:X-Tenant}")
				.pipeline(name, "outbound[0].rate-limit.frames", 1)
				.pipeline(name, "outbound[0].rate-limit.per", "1h")
				.pipeline(name, "outbound[0].rate-limit.scope", "header:X-Tenant")
				.filteredRoute(name, "WsPolicy=" + name);
		}
		return gateway;
	}

	private static String tenants(ClientLeg leg) {
		return "tenants-" + leg.ordinal();
	}

	@Parameter
	ClientLeg leg;

	@AfterEach
	void allResourcesAreReleased() {
		gateway.awaitNoSessions();
		beans().refusals.clear();
		beans().opened.clear();
	}

	@Test
	void contextContainsTheRequest() throws Exception {
		Instant before = Instant.now();
		try (ClientHandshake handshake = client("?user=%C3%A4nne&x=1&x=2").header("Cookie", "a=1; b=2")
			.header("Cookie", "a=3")
			.header("X-Custom", "one")
			.header("X-Custom", "two")
			.header("Origin", "https://app.example.com")
			.subprotocol("v1", "v2")
			.start()) {
			RawPeer server = gateway.upstream()
				.accept()
				.subprotocol("v2")
				.header("X-From-Upstream", "yes")
				.header("Set-Cookie", "s=1")
				.acceptWebSocket();
			RawPeer client = handshake.connected();
			UpgradeContext upgrade = opened();
			assertThat(upgrade.protocol()).isEqualTo(this.leg.protocol());
			assertThat(upgrade.method()).isEqualTo(HttpMethod.GET);
			assertThat(upgrade.uri().toString())
				.isEqualTo("http://localhost:" + gateway.port() + "/rooms/7/joe%20x?user=%C3%A4nne&x=1&x=2");
			assertThat(upgrade.path()).isEqualTo("/rooms/7/joe%20x");
			assertThat(upgrade.queryParams()).isEqualTo(Map.of("user", List.of("änne"), "x", List.of("1", "2")));
			assertThat(upgrade.headers().get("x-custom")).containsExactly("one", "two");
			assertThat(upgrade.headers().getOrigin()).isEqualTo("https://app.example.com");
			assertThat(upgrade.headers().getFirst("Sec-WebSocket-Version")).isEqualTo("13");
			assertThat(upgrade.headers().containsHeader("Sec-WebSocket-Key")).isFalse();
			assertThat(upgrade.upstreamHeaders().containsHeader("Sec-WebSocket-Accept")).isFalse();
			assertThat(upgrade.cookies().get("a")).extracting(HttpCookie::getValue).containsExactly("1", "3");
			assertThat(Objects.requireNonNull(upgrade.cookies().getFirst("b")).getValue()).isEqualTo("2");
			assertThat(upgrade.pathVariables()).isEqualTo(Map.of("room", "7", "user", "joe x"));
			assertThat(upgrade.routeId()).isEqualTo("rooms");
			assertThat(upgrade.routeMetadata()).containsEntry("tier", "gold");
			assertThat(Objects.requireNonNull(upgrade.principal()).getName()).isEqualTo("joe");
			assertThat(Objects.requireNonNull(upgrade.remoteAddress()).getPort())
				.isEqualTo(client.localAddress().getPort());
			assertThat(Objects.requireNonNull(upgrade.localAddress()).getPort()).isEqualTo(gateway.port());
			assertThat(upgrade.tls()).isNull();
			assertThat(upgrade.offeredSubprotocols()).containsExactly("v1", "v2");
			assertThat(upgrade.subprotocol()).isEqualTo("v2");
			assertThat(upgrade.upstreamUri()).isEqualTo(URI
				.create("ws://localhost:" + gateway.upstream().port() + "/internal/7/joe%20x?user=%C3%A4nne&x=1&x=2"));
			assertThat(upgrade.upstreamHeaders().getFirst("x-from-upstream")).isEqualTo("yes");
			assertThat(upgrade.upstreamHeaders().getFirst("Set-Cookie")).isEqualTo("s=1");
			assertThat(upgrade.attributes()).containsOnly(entry("by-filter", "value"),
					entry(ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ATTR, "/rooms/{room}/{user}"));
			assertThat(upgrade.time()).isBetween(before.minusMillis(1), Instant.now());
			server.close();
		}
	}

	@Test
	void headersAreAsModifiedByWebFilters() throws Exception {
		try (ClientHandshake handshake = client("").header("X-Tenant", "evil")
			.header("X-Secret", "mine")
			.header("Cookie", "a=1")
			.start()) {
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			handshake.connected();
			UpgradeContext upgrade = opened();
			assertThat(upgrade.headers().get("X-Tenant")).containsExactly("good");
			assertThat(upgrade.headers().get("X-Secret")).isNull();
			server.close();
		}
	}

	@Test
	void builtInPoliciesUseHeadersAsModifiedByWebFilters() {
		try (RawSession first = gateway.open(tenant("evil"));
				RawSession second = gateway.open(tenant("worse"));
				RawSession without = gateway.open(tenants(this.leg))) {
			first.client().send(WireFrame.text("{\"tenant\":\"mine\"}").masked());
			assertThat(first.upstream().receiveFrame().payloadAsText()).isEqualTo("{\"tenant\":\"good\"}");
			first.upstream().send(WireFrame.text("the only one"));
			assertThat(first.client().receiveFrame().payloadAsText()).isEqualTo("the only one");
			second.upstream().send(WireFrame.text("one too many"));
			assertThat(second.client().receiveFrame().closeCode()).isEqualTo(1001);
			assertThat(second.upstream().receiveFrame().closeCode()).isEqualTo(1008);
			without.upstream().send(WireFrame.text("limited by address"));
			assertThat(without.client().receiveFrame().payloadAsText()).isEqualTo("limited by address");
		}
	}

	private RawClient tenant(String name) {
		return gateway.client().path("/" + tenants(this.leg)).header("X-Tenant", name);
	}

	@Test
	void contextIsUnmodifiable() throws Exception {
		try (ClientHandshake handshake = client("?x=1").header("Cookie", "a=1").subprotocol("v1").start()) {
			RawPeer server = gateway.upstream().accept().header("X-From-Upstream", "yes").acceptWebSocket();
			handshake.connected();
			UpgradeContext upgrade = opened();
			List<ThrowingCallable> writes = new ArrayList<>();
			writes.add(() -> upgrade.queryParams().add("x", "2"));
			writes.add(() -> Objects.requireNonNull(upgrade.queryParams().get("x")).add("2"));
			writes.add(() -> upgrade.queryParams().values().iterator().next().clear());
			writes.add(() -> upgrade.queryParams().entrySet().iterator().next().getValue().clear());
			writes.add(() -> upgrade.headers().set("X", "y"));
			writes.add(() -> Objects.requireNonNull(upgrade.headers().get("Host")).clear());
			writes.add(() -> upgrade.headers().remove("Host"));
			writes.add(() -> upgrade.headers().clear());
			writes.add(() -> upgrade.cookies().clear());
			writes.add(() -> Objects.requireNonNull(upgrade.cookies().get("a")).clear());
			writes.add(() -> upgrade.pathVariables().put("room", "8"));
			writes.add(() -> upgrade.routeMetadata().put("tier", "silver"));
			writes.add(() -> ((Map<?, ?>) Objects.requireNonNull(upgrade.routeMetadata().get("nested"))).clear());
			writes
				.add(() -> ((Collection<?>) ((Map<?, ?>) Objects.requireNonNull(upgrade.routeMetadata().get("nested")))
					.values()).clear());
			writes.add(() -> upgrade.offeredSubprotocols().add("v3"));
			writes.add(() -> upgrade.upstreamHeaders().set("X", "y"));
			writes.add(() -> Objects.requireNonNull(upgrade.upstreamHeaders().get("X-From-Upstream")).clear());
			writes.add(() -> upgrade.attributes().put("x", "y"));
			writes.add(() -> upgrade.attributes().remove("by-filter"));
			for (int i = 0; i < writes.size(); i++) {
				assertThatExceptionOfType(UnsupportedOperationException.class).as("write " + i)
					.isThrownBy(writes.get(i));
			}
			server.close();
		}
	}

	@Test
	void contextDoesNotReferToTheExchange() throws Exception {
		try (ClientHandshake handshake = client("").start()) {
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			handshake.connected();
			assertThat(opened().attributes().values()).noneMatch(ServerWebExchange.class::isInstance);
			server.close();
		}
	}

	@Test
	void firstRefusalWinsWithoutADial() throws Exception {
		int connections = gateway.upstream().acceptedConnections();
		RawResponse response = client("?refuse=first").exchange();
		assertThat(response.status()).isEqualTo(429);
		assertThat(response.headers().all("Retry-After")).containsExactly("7");
		response = client("?refuse=second").exchange();
		assertThat(response.status()).isEqualTo(403);
		assertThat(response.headers().all("Retry-After")).isEmpty();
		assertThat(gateway.upstream().acceptedConnections()).isEqualTo(connections);
		assertThat(refusal()).isEqualTo("429 /rooms/7/joe%20x");
		assertThat(refusal()).isEqualTo("403 /rooms/7/joe%20x");
		assertThat(beans().refusals).isEmpty();
		assertThat(beans().opened).isEmpty();
	}

	@Test
	void failureRefusesTheUpgrade() throws Exception {
		for (String how : List.of("throws", "fails", "error")) {
			assertThat(client("?refuse=" + how).exchange().status()).isEqualTo(500);
			assertThat(refusal()).startsWith("500 ");
			assertThat(beans().refusals).isEmpty();
		}
	}

	@Test
	void timeoutRefusesTheUpgrade(CapturedOutput output) throws Exception {
		assertThat(gateway.client().path("/impatient/x?refuse=hangs").exchange().status()).isEqualTo(500);
		assertThat(refusal()).startsWith("500 ");
		assertThat(output).contains("Route 'impatient': the upgrade policies have not returned a verdict within PT0.5S,"
				+ " the handshake-timeout of the pipeline 'impatient'");
	}

	@Test
	void missingVerdictRefusesTheUpgrade(CapturedOutput output) throws Exception {
		assertThat(client("?refuse=empty").exchange().status()).isEqualTo(500);
		assertThat(refusal()).startsWith("500 ");
		assertThat(output).contains("the upgrade policy 'first' has returned no verdict");
		assertThat(beans().opened).isEmpty();
	}

	@Test
	void asynchronousVerdictAccepts() throws Exception {
		for (String how : List.of("late", "none")) {
			try (ClientHandshake handshake = client("?refuse=" + how).start()) {
				RawPeer server = gateway.upstream().accept().acceptWebSocket();
				handshake.connected();
				assertThat(opened().subprotocol()).isNull();
				server.close();
			}
		}
	}

	private static RawClient client(String query) {
		return gateway.client().path("/rooms/7/joe%20x" + query);
	}

	private static UpgradeContext opened() throws InterruptedException {
		return Objects.requireNonNull(beans().opened.poll(5, TimeUnit.SECONDS));
	}

	private static String refusal() throws InterruptedException {
		return Objects.requireNonNull(beans().refusals.poll(5, TimeUnit.SECONDS));
	}

	private static Beans beans() {
		return gateway.bean(Beans.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final BlockingQueue<UpgradeContext> opened = new LinkedTransferQueue<>();

		private final BlockingQueue<String> refusals = new LinkedTransferQueue<>();

		@Bean
		@WsPolicy
		@Order(2)
		UpgradePolicy second() {
			return (upgrade) -> Mono.just("second".equals(upgrade.queryParams().getFirst("refuse"))
					? UpgradeVerdict.refuse(HttpStatus.FORBIDDEN) : UpgradeVerdict.accept());
		}

		@Bean
		@WsPolicy
		@Order(1)
		UpgradePolicy first() {
			return (upgrade) -> {
				assertThat(upgrade.subprotocol()).isNull();
				assertThat(upgrade.upstreamHeaders().isEmpty()).isTrue();
				assertThat(upgrade.headers().containsHeader("Sec-WebSocket-Key")).isTrue();
				String refuse = Objects.requireNonNullElse(upgrade.queryParams().getFirst("refuse"), "");
				HttpHeaders headers = new HttpHeaders();
				headers.set("Retry-After", "7");
				return switch (refuse) {
					case "first" -> Mono.just(UpgradeVerdict.refuse(HttpStatusCode.valueOf(429), headers));
					case "throws" -> throw new IllegalStateException("on purpose");
					case "error" -> fail("on purpose");
					case "fails" -> Mono.error(new IllegalStateException("on purpose"));
					case "hangs" -> Mono.never();
					case "empty" -> Mono.empty();
					case "late" -> Mono.delay(Duration.ofMillis(20)).thenReturn(UpgradeVerdict.accept());
					default -> Mono.just(UpgradeVerdict.accept());
				};
			};
		}

		@Bean
		WebFilter principal() {
			return (exchange, chain) -> {
				exchange.getAttributes().put("by-filter", "value");
				boolean tenant = exchange.getRequest().getHeaders().containsHeader("X-Tenant");
				ServerWebExchange filtered = tenant ? exchange.mutate()
					.request((request) -> request.headers((headers) -> headers.remove("X-Secret"))
						.header("X-Tenant", "good"))
					.build() : exchange;
				return chain.filter(new ServerWebExchangeDecorator(filtered) {

					@Override
					@SuppressWarnings("unchecked")
					public <T extends Principal> Mono<T> getPrincipal() {
						return Mono.just((T) (Principal) () -> "joe");
					}

				});
			};
		}

		@Bean
		SessionListener listener() {
			return new SessionListener() {

				@Override
				public void onOpen(ProxiedSession session) {
					Beans.this.opened.add(session.upgrade());
				}

				@Override
				public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
					Beans.this.refusals.add(status.value() + " " + upgrade.path());
				}

			};
		}

	}

}
