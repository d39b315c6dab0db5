package dev.wspolicy.metadata;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

import org.springframework.util.ClassUtils;

/**
 * What the types of settings mean for their notation.
 */
final class Types {

	private static final String PRODUCT = "dev.wspolicy.";

	private Types() {
	}

	static Class<?> raw(Type type) {
		return (Class<?>) ((type instanceof ParameterizedType parameterized) ? parameterized.getRawType() : type);
	}

	/** Whether the type is a group of further keys. */
	static boolean isGroup(Type type) {
		Class<?> raw = raw(type);
		return raw.getName().startsWith(PRODUCT) && !raw.isEnum() && !isEntry(type);
	}

	/** Whether the type is a policy in a list. */
	static boolean isEntry(Type type) {
		return raw(type).getSimpleName().equals("PolicyEntry");
	}

	static boolean isCollection(Type type) {
		return Collection.class.isAssignableFrom(raw(type));
	}

	static boolean isMap(Type type) {
		return Map.class.isAssignableFrom(raw(type)) && !isEntry(type);
	}

	/** Returns the type of the elements of a list, or of the values of a map. */
	static Type element(Type type) {
		Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
		return arguments[arguments.length - 1];
	}

	/**
	 * Whether a text can stand for the whole group, as in {@code on-violation: drop}.
	 * Spring's conversion calls such a method.
	 */
	static boolean hasShorthand(Class<?> group) {
		return Arrays.stream(group.getMethods())
			.anyMatch((method) -> method.getName().equals("of")
					&& Arrays.equals(method.getParameterTypes(), new Class<?>[] { String.class }));
	}

	/** Returns the name of a type as Spring Boot's metadata writes it. */
	static String name(Type type) {
		return (type instanceof Class<?> plain) ? ClassUtils.resolvePrimitiveIfNecessary(plain).getName()
				: type.getTypeName();
	}

}
