package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.stream.StreamSupport;

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

import dev.wspolicy.rollout.Rollout;

/**
 * Binds the settings of policies as Spring Boot binds {@code @ConfigurationProperties}:
 * uses the application's converters, rejects unknown settings unless they come from
 * system properties or environment variables, and applies Bean Validation if available.
 */
final class SettingsBinder {

	private final Iterable<ConfigurationPropertySource> sources;

	private final PropertySourcesPlaceholdersResolver placeholders;

	private final ApplicationConversionService conversionService;

	private final ConfigurableListableBeanFactory beanFactory;

	private final @Nullable Validator validator;

	SettingsBinder(Environment environment, ConfigurableListableBeanFactory beanFactory,
			@Nullable Validator validator) {
		this.conversionService = new ApplicationConversionService();
		ApplicationConversionService.addBeans(this.conversionService, beanFactory,
				ConfigurationPropertiesBinding.VALUE);
		this.sources = ConfigurationPropertySources.get(environment);
		this.placeholders = new PropertySourcesPlaceholdersResolver(environment);
		this.beanFactory = beanFactory;
		this.validator = validator;
	}

	<C> C bind(String property, Class<C> type) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
		BindHandler handler = new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter());
		if (this.validator != null) {
			handler = new ValidationBindHandler(handler, this.validator);
		}
		List<ConfigurationPropertySource> settings = StreamSupport.stream(sources(name).spliterator(), false)
			.map((source) -> source.filter((key) -> !RolloutSettings.isKey(key, name)))
			.toList();
		return binder(settings).bindOrCreate(name, Bindable.of(type),
				new ExactValues(PolicyLists.withoutReplaced(handler)));
	}

	/**
	 * Return how far the policy of an entry has been rolled out.
	 * @param property the name of the entry
	 * @param defaults what applies if the entry does not say
	 */
	Rollout rollout(String property, Rollout defaults) {
		return RolloutSettings.read(binder(sources(ConfigurationPropertyName.adapt(property, '.'))), property,
				defaults);
	}

	private Binder binder(Iterable<ConfigurationPropertySource> sources) {
		return new Binder(sources, this.placeholders, this.conversionService,
				this.beanFactory::copyRegisteredEditorsTo);
	}

	/** The settings in a list are bound from the source that supplies the list. */
	private Iterable<ConfigurationPropertySource> sources(ConfigurationPropertyName name) {
		ConfigurationPropertyName list = PolicyLists.listOf(name);
		ConfigurationPropertySource source = (list != null) ? PolicyLists.source(this.sources, list) : null;
		return (source != null) ? List.of(source) : this.sources;
	}

	/**
	 * Return whether any source contains the list, even if it is empty.
	 */
	boolean hasList(String list) {
		return PolicyLists.source(this.sources, ConfigurationPropertyName.adapt(list, '.')) != null;
	}

	/**
	 * Return the prefix of a pipeline's properties, with the name in brackets if it is
	 * configured that way, as names with dots must be.
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
