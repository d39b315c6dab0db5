package dev.wspolicy.demo;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * The demo gateway. Its routes and pipelines are configured in {@code application.yml}.
 * Its policies are in {@link dev.wspolicy.demo.policies}, and the server behind it is in
 * {@link dev.wspolicy.demo.upstream}.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
@ImportRuntimeHints(DemoApplication.SchemaHints.class)
public class DemoApplication {

	public static void main(String[] args) {
		SpringApplication.run(DemoApplication.class, args);
	}

	/**
	 * Includes the schema that {@code application.yml} refers to in a native image.
	 */
	static class SchemaHints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.resources().registerPattern("order.schema.json");
		}

	}

}
