package dev.wspolicy.samples.graphql;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway that controls GraphQL operations.
 */
@SpringBootApplication
public class GraphQlApplication {

	/**
	 * Starts the gateway.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(GraphQlApplication.class, arguments);
	}

}
