package dev.wspolicy.demo.policies;

import java.security.Principal;

import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Stamps each message to a client with the name under which that client's upgrade request
 * was authenticated: {@code hello} becomes {@code [to ann] hello}.
 */
@Component
@WsPolicy(direction = Direction.OUTBOUND, types = FrameType.TEXT, routes = "chat")
@Order(10)
class StampPrincipal implements FramePolicy {

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		Principal principal = context.upgrade().principal();
		String name = (principal != null) ? principal.getName() : "nobody";
		return Verdict.replaceText("[to " + name + "] " + ((TextFrame) frame).text());
	}

}
