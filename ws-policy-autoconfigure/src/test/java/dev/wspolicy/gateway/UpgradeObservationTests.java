package dev.wspolicy.gateway;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.cloud.gateway.filter.headers.observation.GatewayPropagatingSenderTracingObservationHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import dev.wspolicy.observation.DefaultUpgradeObservationConvention;
import dev.wspolicy.observation.UpgradeObservationContext;
import dev.wspolicy.observation.UpgradeObservationConvention;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the observation of upgrades and the propagation of traces.
 */
class UpgradeObservationTests {

	private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	private static final String CLIENT_SPAN = "00f067aa0ba902b7";

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Tracing.class)
		.complete()
		.routes("chat")
		.filteredRoute("retried", "Retry=3")
		.filteredRoute("gone", "SetStatus=410")
		.routeTo("lost", "ws://localhost:" + RawUpstream.closedPort());

	private Observed observed;

	private Spans spans;

	@BeforeEach
	void start() {
		this.observed = gateway.bean(Observed.class);
		this.spans = gateway.bean(Spans.class);
	}

	@AfterEach
	void forgetWhatWasObserved() {
		gateway.closeSessions();
		await().until(() -> gateway.bean(Running.class).count.get() == 0);
		this.observed.stopped.clear();
		this.spans.all.clear();
	}

	@Test
	void traceOfTheClientReachesTheUpstream() {
		String sent;
		try (ClientHandshake client = gateway.client()
			.path("/chat/a")
			.header("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01")
			.start()) {
			UpstreamHandshake handshake = gateway.upstream().accept();
			sent = handshake.headers().first("traceparent");
			assertThat(sent).isNotNull().startsWith("00-" + TRACE + "-").endsWith("-01");
			RawPeer server = handshake.acceptWebSocket();
			client.connected();
			server.close();
		}
		SpanData upgrade = this.spans.awaitEnded((span) -> span.getName().equals("websocket upgrade chat"));
		SpanData request = this.spans.awaitEnded((span) -> span.getSpanId().equals(upgrade.getParentSpanId()));
		assertThat(request.getParentSpanId()).isEqualTo(CLIENT_SPAN);
		String sentSpan = String.valueOf(sent).split("-")[2];
		SpanData toUpstream = this.spans.awaitEnded((span) -> span.getSpanId().equals(sentSpan));
		assertThat(toUpstream.getParentSpanId()).isEqualTo(upgrade.getSpanId());
		assertThat(this.spans.all).extracting(SpanData::getTraceId).containsOnly(TRACE);
	}

	@Test
	void openedSessionIsObserved() {
		gateway.open("chat/a");
		assertObserved("chat", "101", "INFORMATIONAL", false);
	}

	@Test
	void sessionDoesNotKeepTheMarkOfTheObservation() {
		gateway.open("chat/a");
		assertThat(gateway.onlySession().upgrade().attributes().keySet())
			.noneMatch((name) -> name.startsWith("dev.wspolicy"));
	}

	@Test
	void refusalByTheUpstreamIsObserved() {
		try (ClientHandshake client = gateway.client().path("/chat/1").start()) {
			gateway.upstream().accept().refuse(403);
			assertThat(client.response().status()).isEqualTo(403);
		}
		assertObserved("chat", "403", "CLIENT_ERROR", false);
	}

	@Test
	void retriesAreOneObservation() {
		try (ClientHandshake client = gateway.client().path("/retried/a").start()) {
			gateway.upstream().accept().refuse(503);
			gateway.upstream().accept().refuse(503);
			RawPeer server = gateway.upstream().accept().acceptWebSocket();
			client.connected();
			server.close();
		}
		assertObserved("retried", "101", "INFORMATIONAL", false);
	}

	@Test
	void refusalByAFilterIsObserved() {
		try (ClientHandshake client = gateway.client().path("/gone/a").start()) {
			gateway.upstream().accept().acceptWebSocket();
			assertThat(client.response().status()).isEqualTo(410);
		}
		assertObserved("gone", "410", "CLIENT_ERROR", false);
	}

	@Test
	void malformedRequestIsObserved() {
		assertThat(gateway.client().path("/chat/1").without("Sec-WebSocket-Key").exchange().status()).isEqualTo(400);
		assertObserved("chat", "400", "CLIENT_ERROR", false);
	}

	@Test
	void unreachableUpstreamIsObserved() {
		assertThat(gateway.client().path("/lost/1").exchange().status()).isEqualTo(502);
		assertObserved("lost", "502", "SERVER_ERROR", true);
	}

	private void assertObserved(String route, String status, String outcome, boolean failed) {
		await().until(() -> !this.observed.stopped.isEmpty());
		assertThat(this.observed.stopped).singleElement().satisfies((context) -> {
			assertThat(context.getName()).isEqualTo("wspolicy.upgrade");
			assertThat(context.getLowCardinalityKeyValues()).extracting(KeyValue::toString)
				.containsExactlyInAnyOrder("keyValue(route=" + route + ")", "keyValue(status=" + status + ")",
						"keyValue(outcome=" + outcome + ")");
			assertThat(context.getError() != null).isEqualTo(failed);
		});
	}

	@Test
	void conventionCanBeReplaced() {
		try (TestGateway custom = TestGateway.with(Tracing.class, Custom.class)
			.complete()
			.route("lost", "ws://localhost:" + RawUpstream.closedPort())
			.start()) {
			assertThat(custom.client().path("/lost/1").exchange().status()).isEqualTo(502);
			List<UpgradeObservationContext> stopped = custom.bean(Observed.class).stopped;
			await().until(() -> !stopped.isEmpty());
			assertThat(stopped).extracting(Observation.Context::getName).containsOnly("my.upgrades");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Tracing {

		@Bean
		Spans spans() {
			return new Spans();
		}

		@Bean
		Observed observed() {
			return new Observed();
		}

		/**
		 * The last one to be notified of an end, because handlers are notified in reverse
		 * order.
		 */
		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		Running running() {
			return new Running();
		}

		@Bean
		ObservationHandler<Observation.Context> tracing(Spans spans) {
			OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
				.setTracerProvider(
						SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
				.setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
				.build();
			io.opentelemetry.api.trace.Tracer otel = sdk.getTracer("test");
			OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), (event) -> {
			});
			OtelPropagator propagator = new OtelPropagator(sdk.getPropagators(), otel);
			return new ObservationHandler.FirstMatchingCompositeObservationHandler(
					new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
					new GatewayPropagatingSenderTracingObservationHandler(tracer, propagator, List.of()),
					new DefaultTracingObservationHandler(tracer));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Custom {

		@Bean
		UpgradeObservationConvention convention() {
			return new DefaultUpgradeObservationConvention() {

				@Override
				public String getName() {
					return "my.upgrades";
				}

			};
		}

	}

	/** How many observations, of any kind, have not ended. */
	static final class Running implements ObservationHandler<Observation.Context> {

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public void onStart(Observation.Context context) {
			this.count.incrementAndGet();
		}

		@Override
		public void onStop(Observation.Context context) {
			this.count.decrementAndGet();
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

	static final class Observed implements ObservationHandler<UpgradeObservationContext> {

		private final List<UpgradeObservationContext> stopped = new CopyOnWriteArrayList<>();

		@Override
		public void onStop(UpgradeObservationContext context) {
			this.stopped.add(context);
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof UpgradeObservationContext;
		}

	}

	static final class Spans implements SpanExporter {

		private final List<SpanData> all = new CopyOnWriteArrayList<>();

		/** Return a span that fits, once it has ended. */
		SpanData awaitEnded(Predicate<SpanData> wanted) {
			return await().until(() -> this.all.stream().filter(wanted).findFirst(), Optional::isPresent).orElseThrow();
		}

		@Override
		public io.opentelemetry.sdk.common.CompletableResultCode export(java.util.Collection<SpanData> spans) {
			this.all.addAll(spans);
			return io.opentelemetry.sdk.common.CompletableResultCode.ofSuccess();
		}

		@Override
		public io.opentelemetry.sdk.common.CompletableResultCode flush() {
			return io.opentelemetry.sdk.common.CompletableResultCode.ofSuccess();
		}

		@Override
		public io.opentelemetry.sdk.common.CompletableResultCode shutdown() {
			return io.opentelemetry.sdk.common.CompletableResultCode.ofSuccess();
		}

	}

}
