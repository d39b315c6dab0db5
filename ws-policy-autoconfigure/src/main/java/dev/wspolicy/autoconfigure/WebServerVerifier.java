package dev.wspolicy.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.web.server.reactive.ReactiveWebServerFactory;
import org.springframework.util.ClassUtils;

/**
 * Verifies that Reactor Netty serves the application, because every upgrade fails on
 * another server.
 */
final class WebServerVerifier implements SmartInitializingSingleton {

	private static final String NETTY = "org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory";

	private final ObjectProvider<ReactiveWebServerFactory> servers;

	/**
	 * Creates a verifier.
	 * @param servers what creates the web server, if the application has one
	 */
	WebServerVerifier(ObjectProvider<ReactiveWebServerFactory> servers) {
		this.servers = servers;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.servers.stream().filter((server) -> !isNetty(server.getClass())).findFirst().ifPresent((server) -> {
			throw new InvalidPipelineException(
					"The web server is created by '" + ClassUtils.getUserClass(server).getName()
							+ "', but ws-policy requires Reactor Netty, whose connections it takes over.",
					"Remove the other server from the class path, and add 'spring-boot-starter-reactor-netty'. If a bean"
							+ " of yours creates the server, let it be a 'NettyReactiveWebServerFactory'. To run without"
							+ " ws-policy, set 'ws-policy.enabled' to false.");
		});
	}

	/**
	 * By name, because the class is absent if only another server is on the class path.
	 */
	private static boolean isNetty(Class<?> type) {
		for (Class<?> each = type; each != null; each = each.getSuperclass()) {
			if (each.getName().equals(NETTY)) {
				return true;
			}
		}
		return false;
	}

}
