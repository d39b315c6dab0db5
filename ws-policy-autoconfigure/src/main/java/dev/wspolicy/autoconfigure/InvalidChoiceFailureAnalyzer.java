package dev.wspolicy.autoconfigure;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;

/**
 * {@code FailureAnalyzer} for a property that accepts only certain words and is set to
 * something else.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class InvalidChoiceFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
		ConfigurationProperty property = cause.getProperty();
		Class<?> type = choices(cause.getTarget().getType());
		// If a list has a gap, the property is the last that could be bound.
		if (property == null || !property.getName().equals(cause.getName()) || !type.isEnum()
				|| !ROOT.isAncestorOf(cause.getName())
				|| cause.getCause() instanceof UnboundConfigurationPropertiesException) {
			return null;
		}
		InvalidPipelineException invalid = invalid(cause.getName(), property, type);
		return new FailureAnalysis(invalid.getMessage(), invalid.remedy(), rootFailure);
	}

	/** Return the type of the words, which may be the elements of a collection. */
	private static Class<?> choices(ResolvableType type) {
		ResolvableType elements = type.asCollection();
		return elements.equals(ResolvableType.NONE) ? type.toClass() : elements.getGeneric(0).toClass();
	}

	/**
	 * Create the exception for such a property.
	 * @param name the name of the property
	 * @param property the property
	 * @param type the enum of the values that it accepts
	 */
	static InvalidPipelineException invalid(ConfigurationPropertyName name, ConfigurationProperty property,
			Class<?> type) {
		String known = Arrays.stream(type.getEnumConstants())
			.map((constant) -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.collect(Collectors.joining(", "));
		return new InvalidPipelineException("The property '" + name + "' is set to \"" + property.getValue()
				+ "\", which is not among its values." + UnknownPropertyFailureAnalyzer.origin(property),
				"Known values: " + known + ".");
	}

}
