package dev.wspolicy.netty;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.ProxiedSession;

/**
 * The context of the frames of one direction of a session, passed to policies.
 */
record SessionFrameContext(Direction direction, ProxiedSession session, String contentType) implements FrameContext {

}
