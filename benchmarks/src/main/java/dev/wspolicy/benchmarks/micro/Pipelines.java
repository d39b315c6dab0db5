package dev.wspolicy.benchmarks.micro;

import java.util.List;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.builtin.access.PrincipalAuthorities;
import dev.wspolicy.builtin.security.CredentialsCheck;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;

/**
 * Pipelines as a gateway makes them of its configuration.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Pipelines {

	/**
	 * The file that has pipelines for all built-in policies.
	 */
	public static final String BUILT_IN = "built-in-policies";

	/**
	 * A pipeline.
	 * @param name its name
	 * @param annotated policies that bind themselves to it
	 * @return the pipeline
	 */
	public static SessionPipeline of(String name, List<? extends FramePolicy> annotated) {
		try (ConfigurableApplicationContext context = start(annotated)) {
			return context.getBean(PipelineCatalog.class).resolve(name, "route", null);
		}
	}

	/**
	 * A gateway with all pipelines of the file.
	 * @param annotated policies that bind themselves to them
	 * @return the gateway, to be closed
	 */
	public static ConfigurableApplicationContext start(List<? extends FramePolicy> annotated) {
		SpringApplication application = new SpringApplication(Pipelines.class);
		application.addInitializers((ApplicationContextInitializer<GenericApplicationContext>) (context) -> {
			for (int i = 0; i < annotated.size(); i++) {
				FramePolicy policy = annotated.get(i);
				context.registerBean("policy" + i, FramePolicy.class, () -> policy);
			}
		});
		return application.run("--server.port=0", "--spring.main.banner-mode=off", "--spring.config.name=" + BUILT_IN);
	}

	@Bean
	FramePolicyFactory<?> typedJson(JsonMapper mapper) {
		return FramePolicyFactory.of(TypedJson.NAME, TypedJson.Settings.class,
				(settings) -> new TypedJson(mapper, settings));
	}

	@Bean
	PrincipalAuthorities authorities() {
		return (principal) -> List.of("ROLE_user");
	}

	@Bean
	CredentialsCheck credentialsCheck() {
		return (credentials, session) -> Mono.just(new Client());
	}

}
