package dev.wspolicy.benchmarks.micro;

import java.util.List;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;

/**
 * Pipelines as a gateway makes them of its configuration.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Pipelines {

	/**
	 * The file that has a pipeline for each shipped policy.
	 */
	public static final String SHIPPED = "shipped-policies";

	/**
	 * A pipeline.
	 * @param name its name
	 * @param annotated policies that bind themselves to it
	 * @return the pipeline
	 */
	public static SessionPipeline of(String name, List<? extends FramePolicy> annotated) {
		SpringApplication application = new SpringApplication(Pipelines.class);
		application.addInitializers((ApplicationContextInitializer<GenericApplicationContext>) (context) -> {
			for (int i = 0; i < annotated.size(); i++) {
				FramePolicy policy = annotated.get(i);
				context.registerBean("policy" + i, FramePolicy.class, () -> policy);
			}
		});
		try (ConfigurableApplicationContext context = application.run("--server.port=0",
				"--spring.main.banner-mode=off", "--logging.level.root=warn", "--spring.config.name=" + SHIPPED)) {
			return context.getBean(PipelineCatalog.class).resolve(name, "route", null);
		}
	}

}
