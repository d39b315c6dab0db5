package dev.wspolicy.builtin.security;

import org.springframework.boot.context.properties.bind.DefaultValue;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Forwards no frames before {@link FirstMessageAuthPolicy first-message-auth} has
 * authenticated the client.
 */
@WsPolicy(direction = Direction.OUTBOUND, granularity = Granularity.FRAME)
final class AuthenticatedOnlyPolicy implements FramePolicy {

	static final String NAME = "authenticated-only";

	private final Early early;

	AuthenticatedOnlyPolicy(Settings settings) {
		this.early = settings.early();
	}

	/** Whether frames wait until the client has authenticated. */
	boolean holds() {
		return this.early == Early.HOLD;
	}

	/** To hold frames is all that it does, and nothing waits for an observed policy. */
	@Override
	public boolean isObservable() {
		return !holds();
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		AuthenticationGate gate = AuthenticationGate.of(context.session());
		if (gate.isOpen()) {
			return Verdict.forward();
		}
		return (this.early == Early.DROP) ? Verdict.drop()
				: Verdict.later(gate.authenticated().thenApply((passed) -> Verdict.forward()));
	}

	/**
	 * What to do with frames that arrive before the client has authenticated.
	 */
	enum Early {

		/**
		 * Hold the frames until the client has authenticated.
		 */
		HOLD,

		/**
		 * Drop the frames.
		 */
		DROP

	}

	/**
	 * The settings.
	 *
	 * @param early what to do with frames that arrive before the client has authenticated
	 */
	record Settings(@DefaultValue("hold") Early early) {

	}

}
