package dev.wspolicy.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.springframework.util.ClassUtils;

import dev.wspolicy.benchmarks.gateway.GovernedGateway;
import dev.wspolicy.benchmarks.gateway.StockGateway;

/**
 * Spring Cloud Gateway, with or without ws-policy.
 *
 * @param name the name
 * @param title the title
 * @param java how to start a JVM
 * @param main what to start in it
 * @param readers how many policies read each text
 * @param rewrites whether one policy rewrites each text
 * @param openSsl whether it encrypts with BoringSSL, and not with the JDK
 * @param compressesUpstream whether it offers compression to the upstream
 */
record Gateway(String name, String base, String title, JavaCommand java, Class<?> main, int readers, boolean rewrites,
		boolean openSsl, boolean compressesUpstream) implements Contestant {

	private static final String HTTP_CLIENT = "spring.cloud.gateway.server.webflux.httpclient.";

	private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[0].";

	private static final String COMPRESSION = "ws-policy.pipelines.default.compression.";

	static Gateway stock(JavaCommand java) {
		return new Gateway("stock", "stock", "stock Gateway", java.withoutWsPolicy(), StockGateway.class, 0, false,
				false, true);
	}

	static Gateway governed(JavaCommand java, String name, String title, int readers, boolean rewrites) {
		return new Gateway(name, name, title, java, GovernedGateway.class, readers, rewrites, false, true);
	}

	/** The same gateway, which encrypts with BoringSSL. */
	Gateway withOpenSsl() {
		return new Gateway(this.name + "-openssl", this.base, this.title + ", OpenSSL", this.java, this.main,
				this.readers, this.rewrites, true, true);
	}

	/** The same gateway, which compresses the client's leg only. */
	Gateway withPlainUpstream() {
		return new Gateway(this.name + "-client", this.base, this.title + ", client only", this.java, this.main,
				this.readers, this.rewrites, this.openSsl, false);
	}

	/** The same gateway with another class path. */
	Gateway with(JavaCommand other) {
		return new Gateway(this.name, this.base, this.title, other, this.main, this.readers, this.rewrites,
				this.openSsl, this.compressesUpstream);
	}

	/** The same gateway on another JDK. */
	Gateway on(Jdk jdk) {
		return new Gateway(this.name + "-jdk" + jdk.feature(), this.base, this.title + ", JDK " + jdk.feature(),
				this.java.with(jdk), this.main, this.readers, this.rewrites, this.openSsl, this.compressesUpstream);
	}

	@Override
	public List<String> jvmArgs() {
		return this.java.jdk().nettyArgs();
	}

	@Override
	public boolean isJava() {
		return true;
	}

	@Override
	public boolean isPresent() {
		return !this.openSsl || ClassUtils.isPresent("io.netty.internal.tcnative.SSL", null);
	}

	@Override
	public List<String> command(Site site) {
		Map<String, String> properties = new TreeMap<>();
		// As many event loops as cores; the default is four at least.
		properties.put("reactor.netty.ioWorkerCount", "1");
		properties.put("server.address", "127.0.0.1");
		properties.put("server.port", String.valueOf(site.port()));
		properties.put("spring.main.banner-mode", "off");
		properties.put("logging.level.root", "warn");
		properties.put(ROUTE + "id", "all");
		properties.put(ROUTE + "uri", (site.encryptsUpstream() ? "wss" : "ws") + "://127.0.0.1:" + site.upstreamPort());
		properties.put(ROUTE + "predicates[0]", "Path=/**");
		properties.put(GovernedGateway.READERS, String.valueOf(this.readers));
		properties.put(GovernedGateway.REWRITES, String.valueOf(this.rewrites));
		properties.put(COMPRESSION + "client", String.valueOf(site.compressed()));
		properties.put(COMPRESSION + "upstream", String.valueOf(site.compressed() && this.compressesUpstream));
		if (site.tls() != null) {
			properties.put("server.ssl.certificate", site.tls().certificate().toString());
			properties.put("server.ssl.certificate-private-key", site.tls().key().toString());
			properties.put(HTTP_CLIENT + "ssl.use-insecure-trust-manager", "true");
			properties.put("io.netty.handler.ssl.noOpenSsl", String.valueOf(!this.openSsl));
		}
		return this.java.command(site.jvmArgs(), properties, this.main);
	}

}
