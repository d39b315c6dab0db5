package dev.wspolicy.redis;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets Awaitility wait for long: a client that has lost its connection waits longer
 * before each attempt to open one, and a busy machine adds to that.
 */
public final class PatientAwaits implements BeforeAllCallback {

	static {
		Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
	}

	/**
	 * Does nothing: loading this class has set the default.
	 */
	@Override
	public void beforeAll(ExtensionContext context) {
	}

}
