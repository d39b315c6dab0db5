package dev.wspolicy.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The demo gateway. Its routes and pipelines stand in {@code application.yml}, its
 * policies in {@link dev.wspolicy.demo.policies}, and what it is a gateway to in
 * {@link dev.wspolicy.demo.upstream}.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class DemoApplication {

	public static void main(String[] args) {
		SpringApplication.run(DemoApplication.class, args);
	}

}
