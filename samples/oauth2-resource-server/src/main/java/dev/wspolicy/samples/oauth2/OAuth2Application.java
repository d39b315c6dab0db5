package dev.wspolicy.samples.oauth2;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway whose clients authenticate with tokens.
 */
@SpringBootApplication
public class OAuth2Application {

	/**
	 * Starts the gateway.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(OAuth2Application.class, arguments);
	}

}
