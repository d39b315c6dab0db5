package dev.wspolicy.autoconfigure;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerConfig;
import reactor.netty.resources.LoopResources;

import dev.wspolicy.autoconfigure.WsPolicyProperties.EventLoops;

/**
 * Warns if the web server has more event loops than there are processors. The slowest
 * messages then wait for an event loop that waits for a processor. Runs after the other
 * customizers, which may change the event loops.
 */
final class EventLoopsWarning implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {

	private static final Log logger = LogFactory.getLog(EventLoopsWarning.class);

	private final EventLoops configured;

	private final int processors;

	private final ObjectProvider<ReactorResourceFactory> resources;

	EventLoopsWarning(EventLoops configured, int processors, ObjectProvider<ReactorResourceFactory> resources) {
		this.configured = configured;
		this.processors = processors;
		this.resources = resources;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void customize(NettyReactiveWebServerFactory factory) {
		factory.addServerCustomizers(this::check);
	}

	private HttpServer check(HttpServer server) {
		HttpServerConfig configuration = server.configuration();
		int loops = count(loopResources(configuration).onServer(configuration.isPreferNative()));
		if (loops > this.processors) {
			logger.warn("Reactor Netty has " + loops + " event loops, but there " + processors()
					+ ". Event loops that share a processor make the slowest messages several times slower. "
					+ remedy());
		}
		return server;
	}

	/** When the server starts, Boot lets the loops of the factory take precedence. */
	private LoopResources loopResources(HttpServerConfig configuration) {
		ReactorResourceFactory factory = this.resources.getIfUnique();
		LoopResources loops = (factory != null) ? factory.getLoopResources() : null;
		return (loops != null) ? loops : configuration.loopResources();
	}

	private static int count(EventLoopGroup loops) {
		int count = 0;
		for (EventExecutor loop : loops) {
			count += (loop != null) ? 1 : 0;
		}
		return count;
	}

	private String processors() {
		return (this.processors == 1) ? "is 1 processor" : "are " + this.processors + " processors";
	}

	private String remedy() {
		return (this.configured == EventLoops.AUTO)
				? "'" + EventLoopsPostProcessor.PROPERTY + "' is 'auto', but the system property '"
						+ EventLoopsPostProcessor.REACTOR_NETTY_PROPERTY
						+ "', a 'ReactorResourceFactory' or an earlier application in this JVM has decided otherwise."
				: "Set '" + EventLoopsPostProcessor.PROPERTY + "' to 'auto'.";
	}

}
