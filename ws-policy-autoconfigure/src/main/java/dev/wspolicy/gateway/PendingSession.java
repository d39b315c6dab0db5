package dev.wspolicy.gateway;

import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

import dev.wspolicy.netty.UpstreamLeg;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.UpgradeContext;

/**
 * A session whose upstream leg stands, while the filters of the route look at the answer
 * to the client.
 *
 * @param upstream the upstream's leg
 * @param upgrade the request that opens the session
 * @param pipeline what is to serve it
 */
record PendingSession(UpstreamLeg upstream, UpgradeContext upgrade, SessionPipeline pipeline) {

	private static final String ATTRIBUTE = PendingSession.class.getName();

	void attachTo(ServerWebExchange exchange) {
		exchange.getAttributes().put(ATTRIBUTE, this);
	}

	static @Nullable PendingSession takeFrom(ServerWebExchange exchange) {
		return (PendingSession) exchange.getAttributes().remove(ATTRIBUTE);
	}

}
