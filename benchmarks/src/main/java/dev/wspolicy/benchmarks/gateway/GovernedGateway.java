package dev.wspolicy.benchmarks.gateway;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The same gateway with ws-policy, and with as many policies as the system properties
 * say.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class GovernedGateway {

	/**
	 * The property that says how many policies read each text.
	 */
	public static final String READERS = "benchmark.readers";

	/**
	 * The property that says whether a policy rewrites each text.
	 */
	public static final String REWRITES = "benchmark.rewrites";

	/**
	 * Start the gateway.
	 * @param args its properties
	 */
	public static void main(String[] args) {
		SpringApplication application = new SpringApplication(GovernedGateway.class);
		application.addInitializers((ApplicationContextInitializer<GenericApplicationContext>) (context) -> {
			int readers = Integer.getInteger(READERS, 0);
			for (int i = 1; i <= readers; i++) {
				String word = "word" + i + "!";
				context.registerBean("reads" + i, ReadText.class, () -> new ReadText(word));
			}
			if (Boolean.getBoolean(REWRITES)) {
				context.registerBean("rewrites", RewriteText.class, RewriteText::new);
			}
		});
		application.run(args);
	}

}
