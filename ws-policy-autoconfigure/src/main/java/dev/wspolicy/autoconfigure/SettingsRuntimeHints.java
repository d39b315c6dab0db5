package dev.wspolicy.autoconfigure;

import java.lang.reflect.Method;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * Registers what the binding of policy settings does by reflection: it calls their
 * constructors, and the static method {@code of} of those that can be written as a single
 * value.
 */
abstract class SettingsRuntimeHints implements RuntimeHintsRegistrar {

	private final List<Class<?>> settings;

	SettingsRuntimeHints(List<Class<?>> settings) {
		this.settings = settings;
	}

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		register(hints, this.settings);
	}

	static void register(RuntimeHints hints, List<Class<?>> settings) {
		BindableRuntimeHintsRegistrar.forTypes(settings).registerHints(hints);
		for (Class<?> type : settings) {
			Method fromText = ClassUtils.getStaticMethod(type, "of", String.class);
			if (fromText != null) {
				hints.reflection().registerMethod(fromText, ExecutableMode.INVOKE);
			}
		}
	}

}
