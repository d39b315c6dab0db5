package dev.wspolicy.autoconfigure;

import java.util.Objects;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/**
 * Describes a failure at run time as Spring Boot describes it at start-up.
 */
final class FailureReporter {

	private static final Log logger = LogFactory.getLog(FailureReporter.class);

	private final ArgumentResolver arguments;

	FailureReporter(BeanFactory beanFactory, Environment environment) {
		this.arguments = ArgumentResolver.of(BeanFactory.class, beanFactory).and(Environment.class, environment);
	}

	/**
	 * Return the description of a failure and the action to take, or {@code null} if no
	 * {@link FailureAnalyzer} applies.
	 */
	@Nullable String describe(Throwable failure) {
		return SpringFactoriesLoader.forDefaultResourceLocation(getClass().getClassLoader())
			.load(FailureAnalyzer.class, this.arguments, FailureHandler.logging(logger))
			.stream()
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.map(FailureReporter::text)
			.orElse(null);
	}

	private static String text(FailureAnalysis analysis) {
		String description = analysis.getDescription().strip();
		String action = analysis.getAction();
		return (action != null) ? description + (description.contains("\n") ? "\n\n" : " ") + action : description;
	}

}
