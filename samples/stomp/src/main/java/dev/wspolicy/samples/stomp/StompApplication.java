package dev.wspolicy.samples.stomp;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway that controls who may send and subscribe where.
 */
@SpringBootApplication
public class StompApplication {

	/**
	 * Starts the gateway.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(StompApplication.class, arguments);
	}

}
