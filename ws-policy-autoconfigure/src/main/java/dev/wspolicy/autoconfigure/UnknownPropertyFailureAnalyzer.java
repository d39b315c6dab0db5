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
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.MethodParameter;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;

/**
 * Explains a key below {@code ws-policy} that does not exist, and names those that do.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(WsPolicyProperties.PREFIX);

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		BindException binding = findCause(rootFailure, BindException.class);
		// The first by name, so that the report is the same each time.
		ConfigurationProperty property = cause.getUnboundProperties()
			.stream()
			.min(Comparator.comparing(ConfigurationProperty::getName))
			.orElse(null);
		if (binding == null || property == null || !ROOT.isAncestorOf(property.getName())) {
			return null;
		}
		Place place = Place.of(property.getName(), binding.getName(), binding.getTarget().getType());
		String description = "The property '" + property.getName() + "' is set to \"" + property.getValue()
				+ "\", and there is no such property: '" + place.parent() + "' has no '" + place.unknown() + "'."
				+ ((property.getOrigin() != null) ? "\n\nOrigin: " + property.getOrigin() : "");
		String remedy = place.list()
				? "It is a list: begin each of its entries with a dash, as in '- " + place.unknown() + "'."
				: NearestName.remedy(place.unknown(), place.known());
		return new FailureAnalysis(description, remedy, rootFailure);
	}

	/**
	 * Where a name leaves what is known.
	 *
	 * @param parent the last name that exists
	 * @param unknown what does not exist below it
	 * @param known what does
	 * @param list whether the last name that exists is that of a list
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

		/** The properties of a type that is bound by its setters or its constructor. */
		private static Map<String, ResolvableType> properties(ResolvableType type) {
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

	}

}
