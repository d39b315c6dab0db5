package dev.wspolicy.autoconfigure;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.MethodParameter;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;

/**
 * {@code FailureAnalyzer} for unknown properties below {@code ws-policy} that suggests
 * the properties that exist.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		BindException binding = findCause(rootFailure, BindException.class);
		// Pick the first by name, so that the report is always the same.
		ConfigurationProperty property = cause.getUnboundProperties()
			.stream()
			.min(Comparator.comparing(ConfigurationProperty::getName))
			.orElse(null);
		if (binding == null || property == null || !ROOT.isAncestorOf(property.getName())) {
			return null;
		}
		if (isList(binding.getTarget().getType())) {
			return new FailureAnalysis(
					"The property '" + property.getName() + "' is set to \"" + property.getValue()
							+ "\", but the list '" + binding.getName() + "' has no entry "
							+ missingEntry(binding.getName(), property) + " in the same source." + origin(property),
					"Set all entries in that source, starting with [0]. A source that sets entries of a list replaces the whole list.",
					rootFailure);
		}
		Place place = Place.of(property.getName(), binding.getName(), binding.getTarget().getType());
		String description = "The property '" + property.getName() + "' is set to \"" + property.getValue()
				+ "\", but there is no such property: '" + place.parent() + "' has no '" + place.unknown() + "'."
				+ origin(property);
		String remedy = place.list()
				? "It is a list: begin each of its entries with a dash, as in '- " + place.unknown() + "'."
				: NameSuggestion.remedy(place.unknown(), place.known());
		return new FailureAnalysis(description, remedy, rootFailure);
	}

	private static boolean isList(ResolvableType type) {
		return Collection.class.isAssignableFrom(type.toClass()) || type.isArray();
	}

	/**
	 * Spring Boot binds consecutive entries and stops at the first one that is missing.
	 */
	private static String missingEntry(ConfigurationPropertyName list, ConfigurationProperty property) {
		ConfigurationPropertySource source = property.getSource();
		int index = 0;
		String entry = "[" + index + "]";
		while (source != null && (source.getConfigurationProperty(list.append(entry)) != null
				|| source.containsDescendantOf(list.append(entry)) == ConfigurationPropertyState.PRESENT)) {
			entry = "[" + ++index + "]";
		}
		return entry;
	}

	/** Return the origin of a property, to append to a description. */
	static String origin(ConfigurationProperty property) {
		return (property.getOrigin() != null) ? "\n\nOrigin: " + property.getOrigin() : "";
	}

	/** Return the properties of a type that is bound by setters or its constructor. */
	static Map<String, ResolvableType> properties(ResolvableType type) {
		Class<?> raw = type.toClass();
		Map<String, ResolvableType> properties = new TreeMap<>();
		if (BeanUtils.isSimpleValueType(raw) || raw.getName().startsWith("java.")) {
			return properties;
		}
		Arrays.stream(BeanUtils.getPropertyDescriptors(raw))
			.filter((property) -> property.getReadMethod() != null && !property.getName().equals("class"))
			.forEach((property) -> properties.put(DataObjectPropertyName.toDashedForm(property.getName()),
					ResolvableType.forMethodReturnType(property.getReadMethod(), raw)));
		Constructor<?>[] constructors = raw.getDeclaredConstructors();
		if (constructors.length == 1) {
			Parameter[] parameters = constructors[0].getParameters();
			for (int i = 0; i < parameters.length; i++) {
				properties.put(DataObjectPropertyName.toDashedForm(parameters[i].getName()),
						ResolvableType.forMethodParameter(new MethodParameter(constructors[0], i)));
			}
		}
		return properties;
	}

	/**
	 * The position in a property name where it becomes unknown.
	 *
	 * @param parent the prefix that exists
	 * @param unknown the first element that does not exist
	 * @param known the elements that exist below the prefix
	 * @param list whether the prefix is a list
	 */
	private record Place(ConfigurationPropertyName parent, String unknown, Collection<String> known, boolean list) {

		static Place of(ConfigurationPropertyName name, ConfigurationPropertyName boundName, ResolvableType boundType) {
			ResolvableType type = boundType;
			int depth = boundName.getNumberOfElements();
			while (depth < name.getNumberOfElements() - 1) {
				ResolvableType next = child(type, name, depth);
				if (next == null) {
					break;
				}
				type = next;
				depth++;
			}
			return new Place(name.chop(depth), name.getElement(depth, Form.DASHED),
					List.copyOf(properties(type).keySet()), Collection.class.isAssignableFrom(type.toClass()));
		}

		private static @Nullable ResolvableType child(ResolvableType type, ConfigurationPropertyName name, int depth) {
			Class<?> raw = type.toClass();
			if (Map.class.isAssignableFrom(raw)) {
				return type.asMap().getGeneric(1);
			}
			if (raw.isArray()) {
				return type.getComponentType();
			}
			if (Collection.class.isAssignableFrom(raw)) {
				return name.isNumericIndex(depth) ? type.asCollection().getGeneric(0) : null;
			}
			return properties(type).get(name.getElement(depth, Form.DASHED));
		}

	}

}
