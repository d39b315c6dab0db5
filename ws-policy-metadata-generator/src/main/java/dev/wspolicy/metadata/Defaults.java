package dev.wspolicy.metadata;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Default values as they would be written in YAML.
 */
final class Defaults {

	private Defaults() {
	}

	/**
	 * Returns the default of a record component.
	 * @param type the type of the component
	 * @param values the values of its annotation
	 * @return the default
	 */
	static Object parse(Class<?> type, List<String> values) {
		if (Collection.class.isAssignableFrom(type)) {
			return values.stream().flatMap((value) -> Arrays.stream(value.split(","))).map(String::strip).toList();
		}
		String value = values.get(0);
		if (type == boolean.class || type == Boolean.class) {
			return Boolean.valueOf(value);
		}
		if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
			return Long.valueOf(value);
		}
		if (type == double.class || type == Double.class) {
			return Double.valueOf(value);
		}
		return value;
	}

	/**
	 * Returns the default of a bean's property.
	 * @param value the value of the property
	 * @return the default, or {@code null} if it has none that can be written
	 */
	static @Nullable Object format(@Nullable Object value) {
		if (value instanceof Boolean || value instanceof Number || value instanceof String) {
			return value;
		}
		if (value instanceof Enum<?> constant) {
			return name(constant);
		}
		if (value instanceof Duration duration) {
			return (duration.toMillisPart() == 0) ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
		}
		if (value instanceof DataSize size) {
			return (size.toBytes() % 1024 == 0) ? size.toKilobytes() + "KB" : size.toBytes() + "B";
		}
		if (value instanceof Collection<?> collection) {
			return collection.stream().map(Defaults::format).toList();
		}
		return null;
	}

	/**
	 * Returns the name of a constant as it is written in YAML: in kebab case, as Spring
	 * Boot recommends, unless it stands for a name of another specification.
	 * @param constant the constant
	 * @return the name
	 */
	static String name(Enum<?> constant) {
		boolean foreign = constant.getDeclaringClass().getName().startsWith("org.springframework.messaging");
		return foreign ? constant.name() : constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
