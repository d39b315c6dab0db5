package dev.wspolicy.demo;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * Starts the demo, gateway and upstream, on free ports.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "demo.upstream.port=0", "demo.origins=" + DemoTest.ORIGIN })
@interface DemoTest {

	/**
	 * The only origin whose pages may connect. It has no port, because the gateway's port
	 * is not known before it starts.
	 */
	String ORIGIN = "http://demo.test";

}
