package dev.wspolicy.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.validation.Validator;

/**
 * Binds the settings of policies as Boot binds {@code @ConfigurationProperties}: unknown
 * settings are errors, and Bean Validation applies where it is present.
 */
final class SettingsBinder {

	private final Environment environment;

	private final @Nullable Validator validator;

	SettingsBinder(Environment environment, @Nullable Validator validator) {
		this.environment = environment;
		this.validator = validator;
	}

	<C> C bind(String property, Class<C> type) {
		BindHandler handler = new NoUnboundElementsBindHandler(BindHandler.DEFAULT);
		if (this.validator != null) {
			handler = new ValidationBindHandler(handler, this.validator);
		}
		return Binder.get(this.environment)
			.bindOrCreate(ConfigurationPropertyName.adapt(property, '.'), Bindable.of(type), handler);
	}

}
