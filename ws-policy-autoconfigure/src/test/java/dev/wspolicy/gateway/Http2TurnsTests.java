package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.stereotype.Component;

import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.LoopTurns;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Measures the turns of sessions whose frames the gateway reads from their connection at
 * once.
 */
class Http2TurnsTests {

	private static final Duration TURN = Duration.ofMillis(30);

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(SlowPolicy.class)
		.http2()
		.pipeline("inbound[0]", "slow")
		.routes("ws");

	@Test
	void turnsOfSeveralSessionsInOneReadAreCounted() {
		RawClient client = gateway.client().path("/ws").over(ClientLeg.HTTP_2);
		try (Http2Connection connection = client.connectHttp2()) {
			RawSession first = gateway.open(client.over(connection));
			RawSession second = gateway.open(client.over(connection));
			RawSession blocking = gateway.open(client.over(connection));
			blocking.client().send(WireFrame.text("block").masked());
			SlowPolicy policy = gateway.bean(SlowPolicy.class);
			await().until(() -> policy.blocked);
			LoopTurns before = gateway.bean(SessionRegistry.class).turns();
			// Both have arrived when the event loop reads again.
			first.client().send(WireFrame.text("slow").masked());
			second.client().send(WireFrame.text("slow").masked());
			policy.released = true;
			first.upstream().receiveFrame();
			second.upstream().receiveFrame();
			blocking.upstream().receiveFrame();
			blocking.roundTrip();
			LoopTurns after = gateway.bean(SessionRegistry.class).turns();
			Duration others = after.total().minus(before.total()).minus(policy.blockedFor);
			assertThat(others).isGreaterThanOrEqualTo(TURN.multipliedBy(2));
			gateway.closeSessions();
		}
	}

	@WsPolicy
	@Component("slow")
	static class SlowPolicy implements TextPolicy {

		private volatile boolean blocked;

		private volatile boolean released;

		private volatile Duration blockedFor = Duration.ZERO;

		/** Occupies the event loop without blocking, which BlockHound would notice. */
		@Override
		public Verdict apply(String text, FrameContext context) {
			if (text.equals("block")) {
				long start = System.nanoTime();
				this.blocked = true;
				spin(() -> !this.released);
				this.blockedFor = Duration.ofNanos(System.nanoTime() - start);
			}
			else if (text.equals("slow")) {
				long start = System.nanoTime();
				spin(() -> System.nanoTime() - start < TURN.toNanos());
			}
			return Verdict.forward();
		}

		private static void spin(BooleanSupplier condition) {
			boolean spinning = true;
			while (spinning) {
				spinning = condition.getAsBoolean();
			}
		}

	}

}
