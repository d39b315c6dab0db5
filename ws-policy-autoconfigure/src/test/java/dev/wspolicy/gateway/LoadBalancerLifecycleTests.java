package dev.wspolicy.gateway;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests what load balancers are told about sessions.
 */
class LoadBalancerLifecycleTests {

	@Test
	void requestOfASessionCompletesWhenItIsOver() {
		try (RawUpstream upstream = RawUpstream.start(); TestGateway gateway = start(upstream, true)) {
			Requests requests = gateway.bean(Requests.class);
			RawSession first = RawSession.open(gateway.client().path("/balanced"), upstream);
			RawSession second = RawSession.open(gateway.client().path("/balanced"), upstream);
			first.roundTrip();
			second.roundTrip();
			assertThat(requests.events).containsExactly("start", "start");
			first.close();
			await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "start", "101"));
			second.close();
			gateway.awaitNoSessions();
			await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "start", "101", "101"));
		}
	}

	@Test
	void otherRequestsCompleteAtOnce() {
		try (RawUpstream upstream = RawUpstream.start(); TestGateway gateway = start(upstream, true)) {
			Requests requests = gateway.bean(Requests.class);
			try (ClientHandshake client = gateway.client().path("/balanced").start()) {
				upstream.accept().refuse(503);
				assertThat(client.response().status()).isEqualTo(503);
			}
			await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "503"));
			try (ClientHandshake client = gateway.client().path("/balanced").start()) {
				upstream.accept().closeWithoutAnswer();
				assertThat(client.response().status()).isEqualTo(502);
			}
			await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "503", "start", "FAILED"));
			try (ClientHandshake client = gateway.client().path("/late").start()) {
				RawPeer server = upstream.accept().acceptWebSocket();
				assertThat(client.response().status()).isEqualTo(403);
				server.expectClosed();
			}
			await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "503", "start", "FAILED",
					"start", "101"));
			try (ClientHandshake client = gateway.client().path("/retried").start()) {
				upstream.accept().refuse(503);
				RawPeer server = upstream.accept().acceptWebSocket();
				client.connected();
				assertThat(requests.events).endsWith("101", "start", "503", "start");
				server.close();
			}
			await().untilAsserted(() -> assertThat(requests.events).endsWith("start", "503", "start", "101"));
			gateway.awaitNoSessions();
		}
	}

	@Test
	void requestCompletesWithThe101IfDisabled() {
		try (RawUpstream upstream = RawUpstream.start(); TestGateway gateway = start(upstream, false)) {
			try (RawSession session = RawSession.open(gateway.client().path("/balanced"), upstream)) {
				session.roundTrip();
				Requests requests = gateway.bean(Requests.class);
				await().untilAsserted(() -> assertThat(requests.events).containsExactly("start", "101"));
			}
			gateway.awaitNoSessions();
		}
	}

	private static TestGateway start(RawUpstream upstream, boolean countSessions) {
		return TestGateway.with(Beans.class)
			.complete()
			.set("ws-policy.load-balancer.count-sessions", countSessions)
			// This class blocks when it is initialized
			.set("spring.cloud.loadbalancer.eager-load.clients", "chat")
			.set("spring.cloud.discovery.client.simple.instances.chat[0].uri", "http://localhost:" + upstream.port())
			.route("balanced", "lb:ws://chat")
			.route("late", "lb:ws://chat", "SetStatus=403")
			.route("retried", "lb:ws://chat", "Retry=1")
			.start();
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		Requests requests() {
			return new Requests();
		}

	}

	/**
	 * Records the requests.
	 */
	static final class Requests implements LoadBalancerLifecycle<Object, ResponseData, ServiceInstance> {

		private final List<String> events = new CopyOnWriteArrayList<>();

		@Override
		public void onStart(Request<Object> request) {
		}

		@Override
		public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
			this.events.add("start");
		}

		@Override
		public void onComplete(CompletionContext<ResponseData, ServiceInstance, Object> completion) {
			ResponseData response = completion.getClientResponse();
			this.events.add((response != null && response.getHttpStatus() != null)
					? String.valueOf(response.getHttpStatus().value()) : completion.status().name());
		}

	}

}
