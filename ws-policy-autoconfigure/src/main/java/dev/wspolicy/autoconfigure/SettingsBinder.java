package dev.wspolicy.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.Environment;
import org.springframework.validation.Validator;

/**
 * Binds the settings of policies as Boot binds {@code @ConfigurationProperties}: with the
 * application's converters, unknown settings are errors unless they come from the
 * system's environment or properties, and Bean Validation applies where it is present.
 */
final class SettingsBinder {

	private final Iterable<ConfigurationPropertySource> sources;

	private final Binder binder;

	private final @Nullable Validator validator;

	SettingsBinder(Environment environment, ConfigurableListableBeanFactory beanFactory,
			@Nullable Validator validator) {
		ApplicationConversionService conversionService = new ApplicationConversionService();
		ApplicationConversionService.addBeans(conversionService, beanFactory, ConfigurationPropertiesBinding.VALUE);
		this.sources = ConfigurationPropertySources.get(environment);
		this.binder = new Binder(this.sources, new PropertySourcesPlaceholdersResolver(environment), conversionService,
				beanFactory::copyRegisteredEditorsTo);
		this.validator = validator;
	}

	<C> C bind(String property, Class<C> type) {
		BindHandler handler = new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter());
		if (this.validator != null) {
			handler = new ValidationBindHandler(handler, this.validator);
		}
		return this.binder.bindOrCreate(ConfigurationPropertyName.adapt(property, '.'), Bindable.of(type), handler);
	}

	/**
	 * The property that a pipeline stands below. Its name is in brackets if that is how
	 * it is configured, which it must be if it has dots, say.
	 */
	String pipeline(String name) {
		String pipelines = WsPolicyProperties.PREFIX + ".pipelines";
		String bracketed = pipelines + "[" + name + "]";
		String plain = pipelines + "." + name;
		return (!isSet(plain) && isSet(bracketed)) ? bracketed : plain;
	}

	private boolean isSet(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
		for (ConfigurationPropertySource source : this.sources) {
			if (source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

}
