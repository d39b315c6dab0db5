package dev.wspolicy.autoconfigure;

import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.Rollout;

/**
 * How far a policy has been rolled out: keys that each entry of a pipeline may have next
 * to the settings of its policy.
 *
 * @param mode whether the verdicts of the policy take effect, {@code enforce} by default
 * @param share the share of the clients that the mode applies to, as a percentage; all by
 * default
 * @param rest what applies to the other clients: {@code observe} by default if the policy
 * is enforced for the share, and {@code off} otherwise
 */
record RolloutSettings(@Nullable PolicyMode mode, @Nullable String share, @Nullable PolicyMode rest) {

	/** The components. */
	private static final Set<String> KEYS = Set.of("mode", "share", "rest");

	/** Return whether a key of an entry is one of these. */
	static boolean isKey(String key) {
		return KEYS.contains(key.toLowerCase(Locale.ROOT));
	}

	/**
	 * Return whether a property is one of these.
	 * @param property the name of the property
	 * @param entry the name of the entry that it may belong to
	 */
	static boolean isKey(ConfigurationPropertyName property, ConfigurationPropertyName entry) {
		return entry.isParentOf(property) && isKey(property.getLastElement(Form.UNIFORM));
	}

	/**
	 * Read the keys of an entry.
	 * @param binder the source of the properties
	 * @param property the name of the entry
	 * @param defaults what applies if the entry has none of the keys
	 * @return how far its policy has been rolled out
	 */
	static Rollout read(Binder binder, String property, Rollout defaults) {
		RolloutSettings settings = binder
			.bind(ConfigurationPropertyName.adapt(property, '.'), Bindable.of(RolloutSettings.class),
					new ExactValues(BindHandler.DEFAULT))
			.orElse(null);
		if (settings == null || settings.isEmpty()) {
			return defaults;
		}
		try {
			return Rollout.of(settings.mode, settings.share, settings.rest);
		}
		catch (IllegalArgumentException ex) {
			throw InvalidPipelineException.invalidSettings(property, ex);
		}
	}

	private boolean isEmpty() {
		return this.mode == null && this.share == null && this.rest == null;
	}

}
