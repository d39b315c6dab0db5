package dev.wspolicy.testkit;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Spares the build's output the stack traces of hundreds of failures of sessions and
 * policies that a test brings about on purpose.
 */
public final class QuietLog implements BeforeAllCallback, AfterAllCallback {

	private static final List<String> LOGGERS = List.of("dev.wspolicy.netty", "dev.wspolicy.rollout");

	private static void setLevel(@Nullable Level level) {
		LOGGERS.forEach((name) -> ((Logger) LoggerFactory.getLogger(name)).setLevel(level));
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		setLevel(Level.OFF);
	}

	@Override
	public void afterAll(ExtensionContext context) {
		setLevel(null);
	}

}
