package dev.wspolicy.samples.loadbalanced;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway that balances sessions between upstreams.
 */
@SpringBootApplication
public class LoadBalancedApplication {

	/**
	 * Starts the gateway.
	 * @param arguments arguments of Spring Boot
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(LoadBalancedApplication.class, arguments);
	}

}
