package dev.wspolicy.samples.compression;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway that speaks TLS and compresses messages.
 */
@SpringBootApplication
public class CompressionApplication {

	/**
	 * Starts the gateway.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(CompressionApplication.class, arguments);
	}

}
