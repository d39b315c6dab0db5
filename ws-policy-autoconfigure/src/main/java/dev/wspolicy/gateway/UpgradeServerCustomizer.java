package dev.wspolicy.gateway;

import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServer;

import dev.wspolicy.netty.UpgradeWatch;

/**
 * Installs {@link UpgradeWatch} on the connections of the web server. Runs after all
 * other customizers, when the settings of the request decoder are final.
 */
public final class UpgradeServerCustomizer
		implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void customize(NettyReactiveWebServerFactory factory) {
		factory.addServerCustomizers(UpgradeServerCustomizer::watch);
	}

	static HttpServer watch(HttpServer server) {
		HttpRequestDecoderSpec decoder = server.configuration().decoder();
		return server.doOnConnection((connection) -> UpgradeWatch.on(connection, decoder));
	}

}
