package dev.wspolicy.metadata;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Reads the keys that a class is bound to: the components of a record, or the fields of a
 * bean with a getter.
 */
final class SettingsReader {

	private final SourceComments comments;

	SettingsReader(SourceComments comments) {
		this.comments = comments;
	}

	/**
	 * Returns the keys of a class, in the order of their declaration.
	 * @param type the class
	 * @param instance an instance of a bean with its defaults, or {@code null} for a
	 * record
	 * @return the keys
	 */
	List<Setting> read(Class<?> type, @Nullable Object instance) {
		return type.isRecord() ? record(type) : bean(type, instance);
	}

	private List<Setting> record(Class<?> type) {
		RecordComponent[] components = type.getRecordComponents();
		Parameter[] parameters = canonicalConstructor(type, components).getParameters();
		return IntStream.range(0, components.length)
			.mapToObj((i) -> setting(type, components[i], parameters[i].getAnnotation(DefaultValue.class)))
			.toList();
	}

	private static Constructor<?> canonicalConstructor(Class<?> type, RecordComponent[] components) {
		try {
			return type
				.getDeclaredConstructor(Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Setting setting(Class<?> type, RecordComponent component, @Nullable DefaultValue annotation) {
		List<String> values = (annotation != null) ? List.of(annotation.value()) : List.of();
		Object defaultValue = values.isEmpty() ? null : Defaults.parse(component.getType(), values);
		return new Setting(type, DataObjectPropertyName.toDashedForm(component.getName()), component.getGenericType(),
				field(type, component.getName()), description(type, component.getName(), component.getType()),
				defaultValue, null);
	}

	/** Constraints have no target for components, and so end up on the fields. */
	private static AnnotatedElement field(Class<?> type, String name) {
		try {
			return type.getDeclaredField(name);
		}
		catch (NoSuchFieldException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private List<Setting> bean(Class<?> type, @Nullable Object instance) {
		Object bean = (instance != null) ? instance : create(type);
		List<Setting> settings = new ArrayList<>();
		for (Field field : type.getDeclaredFields()) {
			String getter = field.getName().substring(0, 1).toUpperCase(Locale.ROOT) + field.getName().substring(1);
			Arrays.stream(type.getMethods())
				.filter((method) -> method.getName().equals("get" + getter) || method.getName().equals("is" + getter))
				.findFirst()
				.ifPresent((method) -> {
					Type generic = method.getGenericReturnType();
					Object value = value(bean, method);
					settings.add(new Setting(type, DataObjectPropertyName.toDashedForm(field.getName()), generic, field,
							description(type, field.getName(), field.getType()), Defaults.format(value), value));
				});
		}
		return settings;
	}

	/** Returns the Javadoc of a key, or of its type if that is a group. */
	private @Nullable String description(Class<?> owner, String name, Class<?> type) {
		String description = this.comments.of(owner, name);
		return (description == null && Types.isGroup(type)) ? this.comments.of(type) : description;
	}

	private static Object create(Class<?> type) {
		try {
			return type.getDeclaredConstructor().newInstance();
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static @Nullable Object value(Object bean, Method getter) {
		try {
			return getter.invoke(bean);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
