package dev.wspolicy.policies;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.re2j.Pattern;
import io.github.bucket4j.Bucket;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;

/**
 * Auto-configuration for the shipped policies.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass(GatewayAutoConfiguration.class)
public final class WsPolicyPoliciesAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAllowedOriginsFactory")
	UpgradePolicyFactory<?> wsPolicyAllowedOriginsFactory() {
		return new ShippedUpgradeFactory<>(AllowedOrigins.NAME, AllowedOrigins.Settings.class, AllowedOrigins::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyRequireSubprotocolFactory")
	UpgradePolicyFactory<?> wsPolicyRequireSubprotocolFactory() {
		return new ShippedUpgradeFactory<>(RequireSubprotocol.NAME, RequireSubprotocol.Settings.class,
				RequireSubprotocol::new);
	}

	@Bean
	SessionCounts wsPolicySessionCounts() {
		return new SessionCounts();
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicySessionLimitFactory")
	UpgradePolicyFactory<?> wsPolicySessionLimitFactory(SessionCounts counts) {
		return new ShippedUpgradeFactory<>(SessionLimit.NAME, SessionLimit.Settings.class,
				(settings) -> new SessionLimit(settings, counts));
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyAllowedTypesFactory")
	FramePolicyFactory<?> wsPolicyAllowedTypesFactory() {
		return new ShippedFrameFactory<>(AllowedTypes.NAME, AllowedTypes.Settings.class, AllowedTypes::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicySizeLimitFactory")
	FramePolicyFactory<?> wsPolicySizeLimitFactory() {
		return new ShippedFrameFactory<>(SizeLimit.NAME, SizeLimit.Settings.class, SizeLimit::new, SizeLimit::types);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyDenyNulFactory")
	FramePolicyFactory<?> wsPolicyDenyNulFactory() {
		return new ShippedFrameFactory<>(DenyNul.NAME, DenyNul.Settings.class, DenyNul::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = "wsPolicyFrameLogFactory")
	FramePolicyFactory<?> wsPolicyFrameLogFactory() {
		return new ShippedFrameFactory<>(FrameLog.NAME, FrameLog.Settings.class, FrameLog::new, FrameLog::types);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Pattern.class)
	static class Re2jConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyTextPatternFactory")
		FramePolicyFactory<?> wsPolicyTextPatternFactory() {
			return new ShippedFrameFactory<>(TextPattern.NAME, TextPattern.Settings.class, TextPattern::new);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Bucket.class, Caffeine.class })
	static class Bucket4jConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "wsPolicyRateLimitFactory")
		FramePolicyFactory<?> wsPolicyRateLimitFactory(ObjectProvider<RateStore.Factory> stores) {
			RateStore.Factory shared = stores.getIfAvailable();
			return new ShippedFrameFactory<>(RateLimit.NAME, RateLimit.Settings.class,
					(settings) -> new RateLimit(settings, BucketRateStore::new, shared));
		}

	}

}
