package dev.wspolicy.gateway;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets Awaitility check conditions at once, and again soon. By default it waits for 100
 * milliseconds before each check, and most conditions hold after less than one. It gives
 * up later than by default, after the machine has had time for anything.
 */
public final class FrequentPolls implements BeforeAllCallback {

	static {
		Awaitility.setDefaultPollDelay(Duration.ZERO);
		Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
		Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
	}

	/**
	 * Does nothing: loading this class has set the defaults.
	 */
	@Override
	public void beforeAll(ExtensionContext context) {
	}

}
