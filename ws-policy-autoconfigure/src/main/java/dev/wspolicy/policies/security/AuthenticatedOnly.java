package dev.wspolicy.policies.security;

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

	/** Whether frames wait until the client is in, or is sent away. */
	boolean holds() {
		return this.early == Early.HOLD;
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
