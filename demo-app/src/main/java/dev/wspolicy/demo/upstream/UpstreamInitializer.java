package dev.wspolicy.demo.upstream;

import java.util.Map;

import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the upstream before any beans are created, and sets {@code demo.upstream.port},
 * which the routes in {@code application.yml} refer to, to its actual port. The actual
 * port differs if a test configures port 0. A second gateway starts none: it uses that of
 * the first one. Nor does the build when it processes the demo ahead of time. Registered
 * in {@code META-INF/spring.factories}.
 */
class UpstreamInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	private static final String PORT = "demo.upstream.port";

	@Override
	public void initialize(GenericApplicationContext context) throws PortInUseException {
		boolean processing = Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING);
		if (processing || !context.getEnvironment().getRequiredProperty("demo.first", Boolean.class)) {
			return;
		}
		Upstream upstream = new Upstream(context.getEnvironment().getRequiredProperty(PORT, Integer.class));
		context.registerBean(Upstream.class, () -> upstream);
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("upstream", Map.of(PORT, upstream.port())));
	}

}
