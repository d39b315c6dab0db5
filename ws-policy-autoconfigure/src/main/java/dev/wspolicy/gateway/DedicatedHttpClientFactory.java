package dev.wspolicy.gateway;

import java.util.List;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * Makes an HTTP client that is Gateway's in all but three things: each request has a
 * connection of its own, it speaks HTTP/1.1 only, which the upgrade needs, and leaves
 * bodies compressed, since refusals are relayed as they come.
 */
public final class DedicatedHttpClientFactory extends HttpClientFactory {

	private DedicatedHttpClientFactory(HttpClientProperties properties, ServerProperties serverProperties,
			List<HttpClientCustomizer> customizers, HttpClientSslConfigurer sslConfigurer) {
		super(properties, serverProperties, sslConfigurer, customizers);
	}

	/**
	 * Make a client.
	 * @param properties the configuration of Gateway's client
	 * @param customizers what else configures Gateway's client
	 * @param sslBundles the TLS configurations that the properties may name
	 * @return the client
	 */
	public static HttpClient create(HttpClientProperties properties, List<HttpClientCustomizer> customizers,
			SslBundles sslBundles) {
		// Gateway takes HTTP/2 towards upstreams from the server's properties: these have
		// none.
		ServerProperties withoutHttp2 = new ServerProperties();
		return new DedicatedHttpClientFactory(properties, withoutHttp2, customizers,
				new HttpClientSslConfigurer(properties.getSsl(), withoutHttp2, sslBundles))
			.createInstance();
	}

	@Override
	protected HttpClient createInstance() {
		return super.createInstance().protocol(HttpProtocol.HTTP11).compress(false);
	}

	@Override
	protected ConnectionProvider buildConnectionProvider(HttpClientProperties properties) {
		return ConnectionProvider.newConnection();
	}

}
