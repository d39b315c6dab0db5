package dev.wspolicy.benchmarks.gateway;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * Spring Cloud Gateway as it comes. Runs on a class path without ws-policy.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StockGateway {

	/**
	 * Start the gateway.
	 * @param args its properties
	 */
	public static void main(String[] args) {
		SpringApplication.run(StockGateway.class, args);
	}

}
