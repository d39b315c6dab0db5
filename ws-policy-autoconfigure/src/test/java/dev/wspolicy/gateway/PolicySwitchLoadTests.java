package dev.wspolicy.gateway;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.ObservedCounts;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that switching policies loses, changes, reorders and doubles no message.
 */
class PolicySwitchLoadTests {

	private static final int SESSIONS = 3;

	private static final int SWITCHES = 120;

	/** How many messages arrive between two switches, at least. */
	private static final int MESSAGES_BETWEEN = 10;

	/**
	 * How many messages of a direction are under way, at most, so that the end does not
	 * wait for all that fits into the buffers of sockets.
	 */
	private static final int UNDER_WAY = 200;

	private static final List<Rollout> ROLLOUTS = List.of(Rollout.of(PolicyMode.OBSERVE, null, null),
			Rollout.of(PolicyMode.ENFORCE, null, null), Rollout.of(PolicyMode.OFF, null, null),
			Rollout.of(PolicyMode.ENFORCE, "50%", null), Rollout.of(PolicyMode.ENFORCE, "99.9%", PolicyMode.OFF),
			Rollout.of(PolicyMode.OBSERVE, "50%", null));

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class)
		.pipeline("chat", "inbound[0]", "same")
		.pipeline("chat", "inbound[1].text-pattern.patterns", "rude")
		.pipeline("chat", "inbound[2]", "fragments")
		.pipeline("chat", "outbound[0]", "same")
		.routesByName("chat");

	private final Semaphore arrived = new Semaphore(0);

	private volatile boolean over;

	@Test
	void noMessageIsAffected() throws Exception {
		ExecutorService executor = Executors.newCachedThreadPool();
		List<RawSession> sessions = new ArrayList<>();
		try {
			List<Future<Integer>> sent = new ArrayList<>();
			List<Future<Integer>> received = new ArrayList<>();
			for (int i = 0; i < SESSIONS; i++) {
				RawSession session = gateway.open("chat");
				sessions.add(session);
				Semaphore inbound = new Semaphore(UNDER_WAY);
				sent.add(executor.submit(() -> send(session.client(), true, inbound)));
				received.add(executor.submit(() -> receive(session.upstream(), inbound)));
				Semaphore outbound = new Semaphore(UNDER_WAY);
				sent.add(executor.submit(() -> send(session.upstream(), false, outbound)));
				received.add(executor.submit(() -> receive(session.client(), outbound)));
			}
			PolicySwitch policies = gateway.bean(PolicySwitch.class);
			for (int i = 0; i < SWITCHES; i++) {
				flip(policies, i);
				this.arrived.drainPermits();
				assertThat(this.arrived.tryAcquire(MESSAGES_BETWEEN, 20, TimeUnit.SECONDS)).as("switch " + i).isTrue();
			}
			this.over = true;
			for (int i = 0; i < sent.size(); i++) {
				int count = sent.get(i).get(20, TimeUnit.SECONDS);
				assertThat(received.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(count);
			}
			// All ways of the policy have been taken.
			ProxiedSession any = gateway.sessions().stream().findAny().orElseThrow();
			assertThat(any.verdicts(Direction.INBOUND)).filteredOn((counts) -> counts.policy().equals("same"))
				.anySatisfy((counts) -> assertThat(counts.replaced()).isPositive());
			assertThat(any.observedVerdicts()).extracting(ObservedCounts::policy).contains("same");
		}
		finally {
			this.over = true;
			sessions.forEach(RawSession::close);
			executor.shutdownNow();
		}
	}

	private static void flip(PolicySwitch policies, int number) {
		String policy = List.of("same", "text-pattern", "fragments").get(number % 3);
		PolicyTarget target = new PolicyTarget("chat", policy, null, null);
		if (number % 7 == 6) {
			policies.overrides().stream().map(RolloutOverride::target).forEach(policies::undo);
		}
		else {
			policies.set(
					new RolloutOverride(target, ROLLOUTS.get((number / 3) % ROLLOUTS.size()), "", Instant.now(), null));
		}
	}

	/** Sends numbered messages, each third in fragments. */
	private int send(RawPeer peer, boolean masked, Semaphore window) throws InterruptedException {
		int number = 0;
		while (!this.over) {
			window.acquire();
			String text = number + ":" + "x".repeat(number % 200);
			WireFrame[] frames = (number % 3 == 0) ? new WireFrame[] { WireFrame.text(text.substring(0, 1)).fin(false),
					WireFrame.continuation(text.substring(1, 2)).fin(false), WireFrame.continuation(text.substring(2)) }
					: new WireFrame[] { WireFrame.text(text) };
			for (WireFrame frame : frames) {
				peer.send(masked ? frame.masked() : frame);
			}
			number++;
		}
		peer.send(masked ? WireFrame.text("end").masked() : WireFrame.text("end"));
		return number;
	}

	private int receive(RawPeer peer, Semaphore window) {
		for (int number = 0;; number++) {
			StringBuilder text = new StringBuilder();
			WireFrame frame;
			do {
				frame = peer.receiveFrame();
				text.append(frame.payloadAsText());
			}
			while (!frame.fin());
			if (text.toString().equals("end")) {
				return number;
			}
			assertThat(text).hasToString(number + ":" + "x".repeat(number % 200));
			this.arrived.release();
			window.release();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		/** Leaves each message as it is, in another way each time. */
		@Bean
		TextPolicy same() {
			AtomicInteger count = new AtomicInteger();
			return (text, context) -> switch (count.incrementAndGet() % 4) {
				case 0 -> Verdict.forward();
				case 1 -> Verdict.replaceText(text);
				case 2 -> Verdict.later(CompletableFuture.supplyAsync(Verdict::forward));
				default -> Verdict.later(CompletableFuture.supplyAsync(() -> Verdict.replaceText(text)));
			};
		}

		@Bean
		@WsPolicy(direction = Direction.INBOUND, granularity = Granularity.FRAME)
		FramePolicy fragments() {
			AtomicInteger count = new AtomicInteger();
			return (frame, context) -> (count.incrementAndGet() % 2 == 0) ? Verdict.forward()
					: Verdict.later(CompletableFuture.supplyAsync(Verdict::forward));
		}

	}

}
