package dev.wspolicy.gateway;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.cloud.gateway.filter.headers.observation.GatewayPropagatingSenderTracingObservationHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.observation.DefaultUpgradeObservationConvention;
import dev.wspolicy.observation.UpgradeObservationContext;
import dev.wspolicy.observation.UpgradeObservationConvention;
import dev.wspolicy.testkit.RawResponse;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Upgrades are observed, and traces go through them.
 */
class UpgradeObservationTests {

	private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

	private static final String CLIENT_SPAN = "00f067aa0ba902b7";

	@RegisterExtension
	final GatewayExtension gateway = GatewayExtension.with(Tracing.class)
		.routes("chat")
		.routeTo("lost", "ws://localhost:" + RawUpstream.closedPort());

	private Observed observed;

	private Spans spans;

	@BeforeEach
	void start() {
		this.observed = this.gateway.bean(Observed.class);
		this.spans = this.gateway.bean(Spans.class);
	}

	@Test
	void theTraceOfTheClientReachesTheUpstream() {
		CompletableFuture<?> client = CompletableFuture.runAsync(() -> this.gateway.client()
			.path("/chat/a")
			.header("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01")
			.connect());
		UpstreamHandshake handshake = this.gateway.upstream().accept();
		String sent = handshake.headers().first("traceparent");
		assertThat(sent).isNotNull().startsWith("00-" + TRACE + "-").endsWith("-01");
		handshake.acceptWebSocket();
		assertThat(client).succeedsWithin(10, TimeUnit.SECONDS);
		await().until(() -> this.spans.named("websocket upgrade chat") != null);
		SpanData upgrade = this.spans.required("websocket upgrade chat");
		await().until(() -> this.spans.withId(upgrade.getParentSpanId()) != null);
		SpanData request = this.spans.requiredId(upgrade.getParentSpanId());
		assertThat(request.getParentSpanId()).isEqualTo(CLIENT_SPAN);
		SpanData toUpstream = this.spans.requiredId(String.valueOf(sent).split("-")[2]);
		assertThat(toUpstream.getParentSpanId()).isEqualTo(upgrade.getSpanId());
		assertThat(this.spans.all).extracting(SpanData::getTraceId).containsOnly(TRACE);
	}

	@Test
	void anOpenSessionIsObserved() {
		CompletableFuture<?> client = CompletableFuture.runAsync(() -> this.gateway.client().path("/chat/a").connect());
		this.gateway.upstream().accept().acceptWebSocket();
		assertThat(client).succeedsWithin(10, TimeUnit.SECONDS);
		assertObserved("chat", "101", "INFORMATIONAL", false);
	}

	@Test
	void aRefusalOfTheUpstreamIsObserved() throws Exception {
		CompletableFuture<RawResponse> refused = CompletableFuture
			.supplyAsync(() -> this.gateway.client().path("/chat/1").exchange());
		this.gateway.upstream().accept().refuse(403).get(10, TimeUnit.SECONDS);
		assertThat(refused.get(10, TimeUnit.SECONDS).status()).isEqualTo(403);
		assertObserved("chat", "403", "CLIENT_ERROR", false);
	}

	@Test
	void aMalformedRequestIsObserved() {
		assertThat(this.gateway.client().path("/chat/1").without("Sec-WebSocket-Key").exchange().status())
			.isEqualTo(400);
		assertObserved("chat", "400", "CLIENT_ERROR", false);
	}

	@Test
	void anUpstreamThatIsNotThereIsObserved() {
		assertThat(this.gateway.client().path("/lost/1").exchange().status()).isEqualTo(502);
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
	void theConventionCanBeReplaced() {
		try (TestGateway custom = TestGateway.with(Tracing.class, Custom.class)
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

		@Nullable SpanData named(String name) {
			return this.all.stream().filter((span) -> span.getName().equals(name)).findFirst().orElse(null);
		}

		@Nullable SpanData withId(String id) {
			return this.all.stream().filter((span) -> span.getSpanId().equals(id)).findFirst().orElse(null);
		}

		SpanData required(String name) {
			return this.all.stream().filter((span) -> span.getName().equals(name)).findFirst().orElseThrow();
		}

		SpanData requiredId(String id) {
			return this.all.stream().filter((span) -> span.getSpanId().equals(id)).findFirst().orElseThrow();
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
