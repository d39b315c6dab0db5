package dev.wspolicy.rollout;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.ProxiedSession;

/**
 * The context of a frame as an observed policy sees it.
 *
 * @param context the context of the frame
 * @param session the session as the policy sees it
 */
record ObservedContext(FrameContext context, ProxiedSession session) implements FrameContext {

	@Override
	public Direction direction() {
		return this.context.direction();
	}

	@Override
	public String contentType() {
		return this.context.contentType();
	}

}
