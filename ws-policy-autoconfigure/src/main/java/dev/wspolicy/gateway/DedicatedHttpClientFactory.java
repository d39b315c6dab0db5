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
 * Creates the HTTP client that dials upstreams. It is configured as Gateway's own client
 * except for three settings: each request gets a new connection, the protocol is HTTP/1.1
 * only, as the upgrade requires, and response bodies are not decompressed, because the
 * body of a refused upgrade is relayed unchanged.
 */
public final class DedicatedHttpClientFactory extends HttpClientFactory {

	private DedicatedHttpClientFactory(HttpClientProperties properties, ServerProperties serverProperties,
			List<HttpClientCustomizer> customizers, HttpClientSslConfigurer sslConfigurer) {
		super(properties, serverProperties, sslConfigurer, customizers);
	}

	/**
	 * Create a client.
	 * @param properties the configuration of Gateway's client
	 * @param customizers the customizers of Gateway's client
	 * @param sslBundles the SSL bundles that the properties may refer to
	 * @return the client
	 */
	public static HttpClient create(HttpClientProperties properties, List<HttpClientCustomizer> customizers,
			SslBundles sslBundles) {
		// Gateway enables HTTP/2 towards upstreams if the server properties enable it, so
		// pass properties that do not.
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
