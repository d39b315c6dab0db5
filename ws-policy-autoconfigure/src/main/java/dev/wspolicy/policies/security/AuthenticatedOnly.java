package dev.wspolicy.policies.security;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Lets nothing pass before the client has proved who it is to {@link FirstMessageAuth}.
 */
@WsPolicy(granularity = Granularity.FRAME)
final class AuthenticatedOnly implements FramePolicy {

	static final String NAME = "authenticated-only";

	private final Early early;

	AuthenticatedOnly(Settings settings) {
		this.early = settings.early();
	}

	/** A frame waits until the client is in, or is sent away. */
	@Override
	public Duration longestWait(List<FramePolicy> listed) {
		return (this.early == Early.DROP) ? Duration.ZERO
				: listed.stream()
					.filter(FirstMessageAuth.class::isInstance)
					.map((policy) -> ((FirstMessageAuth) policy).deadline())
					.max(Comparator.naturalOrder())
					.orElse(Duration.ZERO);
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		AuthenticationGate gate = AuthenticationGate.of(context.session());
		if (gate.isOpen()) {
			return Verdict.forward();
		}
		return (this.early == Early.DROP) ? Verdict.drop()
				: Verdict.later(gate.passed().thenApply((passed) -> Verdict.forward()));
	}

	/**
	 * What becomes of frames that come too early.
	 */
	enum Early {

		/**
		 * They wait.
		 */
		HOLD,

		/**
		 * They are swallowed.
		 */
		DROP

	}

	/**
	 * The settings.
	 *
	 * @param early what becomes of frames that come too early
	 */
	record Settings(@DefaultValue("hold") Early early) {

	}

}
