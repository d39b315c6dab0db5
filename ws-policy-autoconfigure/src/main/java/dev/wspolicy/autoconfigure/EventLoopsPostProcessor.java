package dev.wspolicy.autoconfigure;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

import dev.wspolicy.autoconfigure.WsPolicyProperties.EventLoops;

/**
 * Lets Reactor Netty start an event loop for each processor if
 * {@code ws-policy.event-loops} says so. Reactor Netty reads its system property once,
 * before any bean exists, so this is done as soon as the environment is known. A value
 * that has been set otherwise is kept.
 */
final class EventLoopsPostProcessor implements EnvironmentPostProcessor, Ordered {

	static final String PROPERTY = WsPolicyProperties.PREFIX + ".event-loops";

	static final String REACTOR_NETTY_PROPERTY = "reactor.netty.ioWorkerCount";

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (isAuto(environment) && System.getProperty(REACTOR_NETTY_PROPERTY) == null) {
			System.setProperty(REACTOR_NETTY_PROPERTY, Integer.toString(Runtime.getRuntime().availableProcessors()));
		}
	}

	/** Other values are checked when the properties are bound. */
	private static boolean isAuto(ConfigurableEnvironment environment) {
		Binder binder = Binder.get(environment);
		return binder.bind(WsPolicyProperties.PREFIX + ".enabled", String.class)
			.map((enabled) -> !"false".equalsIgnoreCase(enabled.strip()))
			.orElse(true)
				&& binder.bind(PROPERTY, String.class)
					.map((value) -> EventLoops.AUTO.name().equalsIgnoreCase(value.strip()))
					.orElse(false);
	}

}
