package dev.wspolicy.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
 */
record Gateway(String name, String title, JavaCommand java, Class<?> main, int readers,
		boolean rewrites) implements Contestant {

	private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[0].";

	static Gateway stock(JavaCommand java) {
		return new Gateway("stock", "stock Gateway", java.withoutWsPolicy(), StockGateway.class, 0, false);
	}

	static Gateway governed(JavaCommand java, String name, String title, int readers, boolean rewrites) {
		return new Gateway(name, title, java, GovernedGateway.class, readers, rewrites);
	}

	@Override
	public boolean isJava() {
		return true;
	}

	@Override
	public boolean isPresent() {
		return true;
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
		properties.put(ROUTE + "uri", "ws://127.0.0.1:" + site.upstreamPort());
		properties.put(ROUTE + "predicates[0]", "Path=/**");
		properties.put(GovernedGateway.READERS, String.valueOf(this.readers));
		properties.put(GovernedGateway.REWRITES, String.valueOf(this.rewrites));
		return this.java.command(site.jvmArgs(), properties, this.main);
	}

}
