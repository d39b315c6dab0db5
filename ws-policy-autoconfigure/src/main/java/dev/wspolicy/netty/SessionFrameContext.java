package dev.wspolicy.netty;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.ProxiedSession;

/**
 * What policies are told of the frames of one direction of one session.
 */
record SessionFrameContext(Direction direction, ProxiedSession session, String contentType) implements FrameContext {

}
