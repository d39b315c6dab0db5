package dev.wspolicy.autoconfigure;

import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.Environment;

/**
 * {@code FailureAnalyzer} for a value that is set on a group of properties, such as a
 * duration for {@code heartbeat}.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ValueOfGroupFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	/** The property that a value of the group was probably meant for. */
	private static final Map<String, String> MEANT = Map.of("heartbeat", "interval", "drain", "window", "query-token",
			"enabled", "compression", "client");

	private final Environment environment;

	ValueOfGroupFailureAnalyzer(Environment environment) {
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
		if (!ROOT.isAncestorOf(cause.getName()) || !(cause.getCause() instanceof ConverterNotFoundException)) {
			return null;
		}
		ConfigurationProperty property = find(cause.getName());
		Collection<String> known = UnknownPropertyFailureAnalyzer.properties(cause.getTarget().getType()).keySet();
		if (property == null || known.isEmpty()) {
			return null;
		}
		String meant = MEANT.get(property.getName().getLastElement(Form.DASHED));
		String hint = (meant != null && known.contains(meant))
				? "Did you mean '" + property.getName().append(meant) + "'? " : "Set one of the properties below it. ";
		return new FailureAnalysis(
				"The property '" + property.getName() + "' is set to \"" + property.getValue()
						+ "\", but it is a group of properties and has no value of its own."
						+ UnknownPropertyFailureAnalyzer.origin(property),
				hint + NameSuggestion.known(known), rootFailure);
	}

	/**
	 * The exception does not name the property, because the binder has also searched
	 * below it.
	 */
	private @Nullable ConfigurationProperty find(ConfigurationPropertyName name) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			ConfigurationProperty property = source.getConfigurationProperty(name);
			if (property != null) {
				return property;
			}
		}
		return null;
	}

}
