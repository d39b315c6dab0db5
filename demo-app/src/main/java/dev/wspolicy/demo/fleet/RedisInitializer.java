package dev.wspolicy.demo.fleet;

import java.util.Map;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.Profiles;

/**
 * Starts Redis before any beans are created if the profile {@code fleet} is active, and
 * sets {@code demo.redis.port}, which {@code application-fleet.yml} refers to. Registered
 * in {@code META-INF/spring.factories}.
 */
class RedisInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	@Override
	public void initialize(GenericApplicationContext context) {
		Environment environment = context.getEnvironment();
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)
				|| !environment.acceptsProfiles(Profiles.of("fleet"))
				|| !environment.getRequiredProperty("demo.first", Boolean.class)) {
			return;
		}
		RedisServer redis = new RedisServer();
		// Of all beans, the first to be created is the last to be closed
		context.registerBean(RedisServer.class, () -> redis);
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("redis", Map.of("demo.redis.port", redis.port())));
	}

}
