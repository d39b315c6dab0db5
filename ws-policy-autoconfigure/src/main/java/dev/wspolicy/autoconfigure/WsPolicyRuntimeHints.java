package dev.wspolicy.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;

/**
 * Registers what the configuration of pipelines and routes does by reflection.
 */
class WsPolicyRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		SettingsRuntimeHints.register(hints, List.of(PolicyEntry.class, RolloutSettings.class));
		// A map, which the binder creates, and no bean with properties
		hints.reflection().registerType(PolicyEntry.class, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS);
		// Gateway registers the configuration of its own filters only
		hints.reflection()
			.registerType(WsPolicyGatewayFilterFactory.Config.class, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS,
					MemberCategory.INVOKE_PUBLIC_METHODS);
	}

}
