package dev.wspolicy.autoconfigure;

import java.util.Arrays;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * {@code FailureAnalyzer} for settings that Bean Validation rejects. Names the properties
 * as they are documented, in kebab case, and not as the components of a record.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<BindValidationException> {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindValidationException cause) {
		ConfigurationPropertyName name = cause.getValidationErrors().getName();
		if (!ROOT.isAncestorOf(name)) {
			return null;
		}
		StringBuilder description = new StringBuilder("The settings below '" + name + "' are invalid:\n");
		for (ObjectError error : cause.getValidationErrors()) {
			describe(name, error, description);
		}
		return new FailureAnalysis(description.toString(), "Correct the settings.", rootFailure);
	}

	private static void describe(ConfigurationPropertyName name, ObjectError error, StringBuilder description) {
		if (error instanceof FieldError field) {
			description.append("\n    Property: ").append(name).append('.').append(kebab(field.getField()));
			description.append("\n    Value: \"").append(field.getRejectedValue()).append('"');
		}
		Origin origin = Origin.from(error);
		if (origin != null) {
			description.append("\n    Origin: ").append(origin);
		}
		description.append("\n    Reason: ").append(error.getDefaultMessage()).append('\n');
	}

	private static String kebab(String path) {
		return Arrays.stream(path.split("\\."))
			.map(DataObjectPropertyName::toDashedForm)
			.collect(Collectors.joining("."));
	}

}
