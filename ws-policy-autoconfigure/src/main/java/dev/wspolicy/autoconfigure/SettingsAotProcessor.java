package dev.wspolicy.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.ResolvableType;

import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;

/**
 * Registers the settings of the application's own policy factories for binding, like
 * those of the built-in policies. Their type is the type argument with which the bean is
 * declared. Listed in {@code META-INF/spring/aot.factories}.
 */
class SettingsAotProcessor implements BeanRegistrationAotProcessor {

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
		List<Class<?>> settings = Stream.of(FramePolicyFactory.class, UpgradePolicyFactory.class)
			.<Class<?>>mapMulti((factory, types) -> {
				Class<?> type = settings(bean.getBeanType(), factory);
				if (type != null) {
					types.accept(type);
				}
			})
			.toList();
		return settings.isEmpty() ? null
				: (context, code) -> SettingsRuntimeHints.register(context.getRuntimeHints(), settings);
	}

	private static @Nullable Class<?> settings(ResolvableType bean, Class<?> factory) {
		return bean.as(factory).getGeneric(0).resolve();
	}

}
