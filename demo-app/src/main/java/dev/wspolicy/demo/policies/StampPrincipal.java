package dev.wspolicy.demo.policies;

import java.security.Principal;

import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;

/**
 * Stamps each message to a client with the name under which that client's upgrade request
 * was authenticated: {@code hello} becomes {@code [to ann] hello}.
 */
@Component
@WsPolicy(direction = Direction.OUTBOUND, routes = "chat")
@Order(10)
class StampPrincipal implements TextPolicy {

	@Override
	public Verdict apply(String text, FrameContext context) {
		Principal principal = context.upgrade().principal();
		String name = (principal != null) ? principal.getName() : "nobody";
		return Verdict.replaceText("[to " + name + "] " + text);
	}

}
