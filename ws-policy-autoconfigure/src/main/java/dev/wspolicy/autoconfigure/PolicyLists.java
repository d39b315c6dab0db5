package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

/**
 * Finds the property source of each list of policies. As with any list in Spring Boot,
 * the first source that contains the list, or its first entry, supplies the whole list.
 */
final class PolicyLists {

	private static final ConfigurationPropertyName PIPELINES = ConfigurationPropertyName
		.of(WsPolicyProperties.PREFIX + ".pipelines");

	/**
	 * The index of the element in a property name that names the list, after the
	 * pipeline's name.
	 */
	private static final int LIST = PIPELINES.getNumberOfElements() + 1;

	private static final Set<String> NAMES = Set.of("upgrade", "inbound", "outbound");

	private PolicyLists() {
	}

	/**
	 * Return the list that a property belongs to.
	 * @param property the name of an entry, or of a setting in an entry
	 * @return the name of the list, or {@code null} if the property does not belong to
	 * one
	 */
	static @Nullable ConfigurationPropertyName listOf(ConfigurationPropertyName property) {
		boolean entry = property.getNumberOfElements() > LIST + 1 && PIPELINES.isAncestorOf(property)
				&& property.isNumericIndex(LIST + 1) && NAMES.contains(property.getElement(LIST, Form.UNIFORM));
		return entry ? property.chop(LIST + 1) : null;
	}

	/**
	 * Return the source that supplies a list.
	 * @param sources all sources, in order of precedence
	 * @param list the name of the list
	 * @return the source, or {@code null} if no source contains the list
	 */
	static @Nullable ConfigurationPropertySource source(Iterable<ConfigurationPropertySource> sources,
			ConfigurationPropertyName list) {
		ConfigurationPropertyName first = list.append("[0]");
		for (ConfigurationPropertySource source : sources) {
			if (source.getConfigurationProperty(list) != null || source.getConfigurationProperty(first) != null
					|| hasBelow(source, first)) {
				return source;
			}
		}
		return null;
	}

	/**
	 * Compares names if the source can enumerate them: {@code containsDescendantOf} of
	 * the environment also matches names with underscores in place of dashes, which are
	 * not bound to an entry.
	 */
	private static boolean hasBelow(ConfigurationPropertySource source, ConfigurationPropertyName name) {
		return (source instanceof IterableConfigurationPropertySource iterable)
				? iterable.stream().anyMatch(name::isAncestorOf)
				: source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT;
	}

	/**
	 * Wrap a handler that requires all properties to be bound, so that it ignores list
	 * entries that a source of higher precedence replaces. Spring Boot itself only
	 * ignores entries that are replaced by an entry with settings of the same name.
	 * @param handler the handler
	 * @return the wrapping handler
	 */
	static BindHandler withoutReplaced(BindHandler handler) {
		return new AbstractBindHandler(handler) {

			@Override
			public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					@Nullable Object result) throws Exception {
				super.onFinish(name, target, name.isAncestorOf(PIPELINES) ? new Effective(context) : context, result);
			}

		};
	}

	/**
	 * A context that hides replaced list entries.
	 *
	 * @param context the original context
	 */
	private record Effective(BindContext context) implements BindContext {

		@Override
		public Binder getBinder() {
			return this.context.getBinder();
		}

		@Override
		public int getDepth() {
			return this.context.getDepth();
		}

		@Override
		public Iterable<ConfigurationPropertySource> getSources() {
			List<ConfigurationPropertySource> sources = new ArrayList<>();
			this.context.getSources().forEach(sources::add);
			return sources.stream().map((source) -> effective(source, sources)).toList();
		}

		@Override
		public @Nullable ConfigurationProperty getConfigurationProperty() {
			return this.context.getConfigurationProperty();
		}

		private static ConfigurationPropertySource effective(ConfigurationPropertySource source,
				List<ConfigurationPropertySource> sources) {
			if (!(source instanceof IterableConfigurationPropertySource iterable)) {
				return source;
			}
			return iterable.filter((name) -> {
				ConfigurationPropertyName list = listOf(name);
				return list == null || source(sources, list) == source;
			});
		}

	}

}
