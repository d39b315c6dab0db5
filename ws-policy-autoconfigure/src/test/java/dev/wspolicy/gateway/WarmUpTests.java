package dev.wspolicy.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.actuate.WsPolicyHealthIndicator;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions that are opened before the application is ready.
 */
@ExtendWith(OutputCaptureExtension.class)
class WarmUpTests {

	private static final Pattern DONE = Pattern.compile("Warmed up with (\\d+) sessions");

	@Test
	void sessionsAreOpenedBeforeReadinessAndNobodyKnowsOfThem(CapturedOutput output) {
		// Reactor Netty has one registry for all gateways of a JVM.
		Set<Meter.Id> earlier = Metrics.globalRegistry.getMeters()
			.stream()
			.map(Meter::getId)
			.collect(Collectors.toSet());
		try (TestGateway gateway = TestGateway.with(Witness.class)
			.complete()
			.route("chat", URI.create("ws://localhost:1"))
			.set("ws-policy.warm-up", "1s")
			.set("ws-policy.publish-events", "true")
			.set("logging.level.dev.wspolicy", "INFO")
			.start()) {
			Witness witness = gateway.bean(Witness.class);
			assertThat(witness.doneWhenReady).isTrue();
			Matcher done = DONE.matcher(output);
			assertThat(done.find()).isTrue();
			assertThat(Integer.parseInt(done.group(1))).isPositive();
			assertThat(witness.told).hasValue(0);
			assertThat(output.toString()).doesNotContain("dev.wspolicy.session", "d.w.session", "Warm-up has failed");
			assertThat(gateway.bean(LiveSessions.class).unfinished()).isZero();
			assertThat(gateway.bean(MeterRegistry.class).getMeters()).extracting(Meter::getId)
				.filteredOn((id) -> !earlier.contains(id))
				.extracting(Meter.Id::getName)
				.noneMatch((name) -> name.startsWith("http.") || name.startsWith("spring.cloud.gateway.requests")
						|| name.startsWith("wspolicy.upgrade") || name.startsWith("reactor.netty"));
		}
	}

	@Test
	void endsWhenTheApplicationIsClosed() {
		WarmUp warmUp = new WarmUp(Duration.ofHours(1), List.of(), List.of());
		assertThat(warmUp.isDone()).isFalse();
		warmUp.destroy();
		warmUp.run(new DefaultApplicationArguments());
		assertThat(warmUp.isDone()).isTrue();
	}

	@Test
	void healthIsOutOfServiceMeanwhile() {
		AtomicBoolean warm = new AtomicBoolean();
		WsPolicyHealthIndicator indicator = new WsPolicyHealthIndicator(new LiveSessions(), warm::get);
		Health health = indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(health.getDetails()).containsEntry("warmingUp", true);
		warm.set(true);
		assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
		assertThat(indicator.health().getDetails()).doesNotContainKey("warmingUp");
	}

	/**
	 * Listens to everything.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Witness implements SessionListener {

		private final AtomicInteger told = new AtomicInteger();

		private volatile boolean doneWhenReady;

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

		@Bean
		GlobalFilter audit() {
			return (exchange, chain) -> {
				this.told.incrementAndGet();
				return chain.filter(exchange);
			};
		}

		@Override
		public void onOpen(ProxiedSession session) {
			this.told.incrementAndGet();
		}

		@Override
		public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, String policy) {
			this.told.incrementAndGet();
		}

		@EventListener
		void onReadiness(AvailabilityChangeEvent<ReadinessState> event) {
			if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
				WarmUp warmUp = ((ApplicationContext) event.getSource()).getBean(WarmUp.class);
				this.doneWhenReady = warmUp.isDone();
			}
		}

	}

}
