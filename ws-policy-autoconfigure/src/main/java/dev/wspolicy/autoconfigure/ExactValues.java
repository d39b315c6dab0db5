package dev.wspolicy.autoconfigure;

import java.util.Collection;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Rejects numbers below {@code ws-policy} that Spring would convert to something else: it
 * truncates decimals to whole numbers, replaces those that are too large by the largest
 * number there is, and regards a number as the position of a constant in an enum.
 */
final class ExactValues extends AbstractBindHandler {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	ExactValues(BindHandler parent) {
		super(parent);
	}

	@Override
	public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
			Object result) {
		ConfigurationProperty property = context.getConfigurationProperty();
		if (property != null && property.getValue() instanceof Number number && ROOT.isAncestorOf(name)
				&& name.equals(property.getName())) {
			if ((result instanceof Integer || result instanceof Long)
					&& ((Number) result).doubleValue() != number.doubleValue()) {
				throw inexact(name, property, number.doubleValue());
			}
			// A single value may stand for a collection.
			Object element = (result instanceof Collection<?> elements && !elements.isEmpty())
					? elements.iterator().next() : result;
			if (element instanceof Enum<?> converted) {
				throw InvalidChoiceFailureAnalyzer.invalid(name, property, converted.getDeclaringClass());
			}
		}
		return super.onSuccess(name, target, context, result);
	}

	private static InvalidPipelineException inexact(ConfigurationPropertyName name, ConfigurationProperty property,
			double number) {
		boolean whole = Double.isFinite(number) && number == Math.rint(number);
		return new InvalidPipelineException(
				"The property '" + name + "' is set to \"" + property.getValue() + "\", which is "
						+ (whole ? "out of range." : "not a whole number.")
						+ UnknownPropertyFailureAnalyzer.origin(property),
				whole ? "Set it to a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE + "."
						: "Set it to a whole number.");
	}

}
