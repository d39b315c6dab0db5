package dev.wspolicy.gateway;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a policy does on a thread of its own takes effect before the verdict it gives
 * there.
 */
class VerdictOrderTests {

	private static final RawUpstream shared = RawUpstream.start();

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(Policies.class).inFrontOf(shared).routes("chat");

	@Test
	void frameThatIsSentFromAnotherThreadPrecedesTheVerdict() {
		try (RawSession session = gateway.open("chat")) {
			session.client().send(WireFrame.text("hello").masked());
			assertThat(session.client().receiveFrame()).isEqualTo(WireFrame.text("sorry"));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4001);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		SendAndClose sendAndClose() {
			return new SendAndClose();
		}

	}

	@WsPolicy(direction = Direction.INBOUND)
	static class SendAndClose implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			CompletableFuture<Verdict> verdict = CompletableFuture.supplyAsync(() -> {
				context.session().send(Side.CLIENT, TextFrame.of("sorry"));
				return Verdict.closeSender(CloseStatus.of(4001));
			});
			// The verdict is known before the event loop runs the call of the other
			// thread.
			Verdict known;
			do {
				known = verdict.getNow(null);
			}
			while (known == null);
			return Verdict.later(verdict);
		}

	}

}
