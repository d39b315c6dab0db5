package dev.wspolicy.autoconfigure;

import java.util.List;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.re2j.Pattern;
import io.github.bucket4j.Bucket;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

import dev.wspolicy.actuate.KnownSubprotocols;
import dev.wspolicy.builtin.BuiltInPolicies;
import dev.wspolicy.fleet.LocalSessionPlaces;
import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;
import dev.wspolicy.recording.Recordings;

/**
 * Auto-configuration for the built-in policies.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass(GatewayAutoConfiguration.class)
@ImportRuntimeHints(WsPolicyPoliciesAutoConfiguration.Hints.class)
public final class WsPolicyPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAllowedOriginsFactory")
	UpgradePolicyFactory<?> wsPolicyAllowedOriginsFactory() {
		return BuiltInPolicies.allowedOrigins();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyRequireSubprotocolFactory")
	UpgradePolicyFactory<?> wsPolicyRequireSubprotocolFactory() {
		return BuiltInPolicies.requireSubprotocol();
	}

	/** Not for injection by type, so that a bean that counts for a fleet is unique. */
	@Bean(defaultCandidate = false)
	LocalSessionPlaces wsPolicyLocalSessionPlaces() {
		return new LocalSessionPlaces();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicySessionLimitFactory")
	UpgradePolicyFactory<?> wsPolicySessionLimitFactory(ObjectProvider<SessionPlaces> fleet,
			@Qualifier("wsPolicyLocalSessionPlaces") LocalSessionPlaces gateway,
			ObjectProvider<RateStore.Factory> rates) {
		return BuiltInPolicies.sessionLimit(fleet.getIfAvailable(() -> gateway), gateway, rates.getIfAvailable());
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAllowedTypesFactory")
	FramePolicyFactory<?> wsPolicyAllowedTypesFactory() {
		return BuiltInPolicies.allowedTypes();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicySizeLimitFactory")
	FramePolicyFactory<?> wsPolicySizeLimitFactory() {
		return BuiltInPolicies.sizeLimit();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyDenyNulFactory")
	FramePolicyFactory<?> wsPolicyDenyNulFactory() {
		return BuiltInPolicies.denyNul();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyFrameLogFactory")
	FramePolicyFactory<?> wsPolicyFrameLogFactory(Recordings recordings) {
		return BuiltInPolicies.frameLog(recordings);
	}

	/** Closed with the application, which ends the recordings. */
	@Bean
	@ConditionalOnMissingBean
	Recordings wsPolicyRecordings(KnownSubprotocols subprotocols) {
		return new Recordings(subprotocols::contains);
	}

	/** Also without the endpoint that shows them. */
	@Bean
	@ConditionalOnMissingBean
	KnownSubprotocols wsPolicyKnownSubprotocols(Environment environment) {
		return new KnownSubprotocols(Binder.get(environment)
			.bind("management.endpoint.websockets.subprotocols", Bindable.listOf(String.class))
			.orElse(List.of()));
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Pattern.class)
	static class Re2jConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyTextPatternFactory")
		FramePolicyFactory<?> wsPolicyTextPatternFactory() {
			return BuiltInPolicies.textPattern();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Bucket.class, Caffeine.class })
	static class Bucket4jConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyRateLimitFactory")
		FramePolicyFactory<?> wsPolicyRateLimitFactory(ObjectProvider<RateStore.Factory> stores) {
			return BuiltInPolicies.rateLimit(stores.getIfAvailable());
		}

	}

	/** The settings of the policies. */
	static class Hints extends SettingsRuntimeHints {

		Hints() {
			super(BuiltInPolicies.settings());
		}

	}

}
