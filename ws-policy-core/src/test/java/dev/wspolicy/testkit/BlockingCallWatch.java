package dev.wspolicy.testkit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;

/**
 * Fails calls that block an event loop.
 * <p>
 * BlockHound's own listener is not used: it is loaded wherever tests are discovered,
 * which for several forks is Maven's JVM, and that cannot be instrumented.
 */
public final class BlockingCallWatch implements BeforeAllCallback {

	static {
		BlockHound.install();
	}

	/**
	 * Does nothing: loading this class has installed BlockHound.
	 */
	@Override
	public void beforeAll(ExtensionContext context) {
	}

}
