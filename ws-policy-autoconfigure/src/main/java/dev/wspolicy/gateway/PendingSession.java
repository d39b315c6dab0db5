package dev.wspolicy.gateway;

import java.util.function.Supplier;

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
 * @param successor tells what is to serve it instead, if that has changed in between;
 * asked once the session can be found by who changes it
 */
record PendingSession(UpstreamLeg upstream, UpgradeContext upgrade, SessionPipeline pipeline,
		Supplier<@Nullable SessionPipeline> successor) {

	private static final String ATTRIBUTE = PendingSession.class.getName();

	void attachTo(ServerWebExchange exchange) {
		exchange.getAttributes().put(ATTRIBUTE, this);
	}

	static @Nullable PendingSession takeFrom(ServerWebExchange exchange) {
		return (PendingSession) exchange.getAttributes().remove(ATTRIBUTE);
	}

}
