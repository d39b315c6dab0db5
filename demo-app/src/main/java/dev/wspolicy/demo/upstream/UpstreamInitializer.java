package dev.wspolicy.demo.upstream;

import java.util.Map;

import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the upstream before there are any beans, and tells its port to the routes in
 * {@code application.yml}. They say {@code demo.upstream.port}, and mean the port that
 * was found where tests have asked for 0. Named in {@code META-INF/spring.factories}.
 */
class UpstreamInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	private static final String PORT = "demo.upstream.port";

	@Override
	public void initialize(GenericApplicationContext context) throws PortInUseException {
		Upstream upstream = new Upstream(context.getEnvironment().getRequiredProperty(PORT, Integer.class));
		context.registerBean(Upstream.class, () -> upstream);
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("upstream", Map.of(PORT, upstream.port())));
	}

}
