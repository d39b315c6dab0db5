package dev.wspolicy.docs;

import java.beans.Introspector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.mockito.Mockito;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;

/**
 * A gateway with all components of the documentation and mocks of their dependencies. It
 * does not listen on a port.
 */
final class DocumentedGateway {

	private static final ClassLoader CLASS_LOADER = new URLClassLoader(
			JavaBlock.all().stream().map(JavaBlock::folder).distinct().map(DocumentedGateway::url).toArray(URL[]::new),
			DocumentedGateway.class.getClassLoader());

	private DocumentedGateway() {
	}

	static ReactiveWebApplicationContextRunner runner() {
		return new ReactiveWebApplicationContextRunner().withClassLoader(CLASS_LOADER)
			.withInitializer((context) -> registerComponents((GenericApplicationContext) context))
			// As SpringApplication does
			.withInitializer(
					(context) -> context.getEnvironment().setConversionService(new ApplicationConversionService()))
			.withUserConfiguration(Application.class);
	}

	static ReactiveWebApplicationContextRunner runner(Page.Block yaml) {
		return runner().withInitializer((context) -> properties(yaml)
			.forEach((source) -> context.getEnvironment().getPropertySources().addFirst(source)));
	}

	static List<EnumerablePropertySource<?>> properties(Page.Block yaml) {
		ByteArrayResource resource = new ByteArrayResource(yaml.text().getBytes(StandardCharsets.UTF_8));
		try {
			return new YamlPropertySourceLoader().load(yaml.toString(), resource)
				.stream()
				.<EnumerablePropertySource<?>>map(DocumentedGateway::enumerable)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static EnumerablePropertySource<?> enumerable(PropertySource<?> source) {
		return (EnumerablePropertySource<?>) source;
	}

	/** Returns the analysis that Boot prints for a failed start-up. */
	static String analyze(Throwable failure, ConfigurableApplicationContext context) {
		ArgumentResolver arguments = ArgumentResolver.of(BeanFactory.class, context.getBeanFactory())
			.and(Environment.class, context.getEnvironment());
		for (FailureAnalyzer analyzer : SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, arguments)) {
			FailureAnalysis analysis = analyzer.analyze(failure);
			if (analysis != null) {
				return "Description:\n\n" + analysis.getDescription() + "\n\nAction:\n\n" + analysis.getAction();
			}
		}
		throw new IllegalStateException("no failure analysis", failure);
	}

	private static void registerComponents(GenericApplicationContext context) {
		Map<String, Class<?>> beans = new LinkedHashMap<>();
		JavaBlock.all().stream().flatMap(JavaBlock::classNames).forEach((name) -> {
			Class<?> type = ClassUtils.resolveClassName(name, CLASS_LOADER);
			if (isComponent(type)) {
				beans.putIfAbsent(beanName(type), type);
			}
		});
		beans.forEach((name, type) -> register(context, name, type));
	}

	/** Applications and their security concern more than the example. */
	private static boolean isComponent(Class<?> type) {
		return (type.isInterface() || AnnotatedElementUtils.hasAnnotation(type, Component.class))
				&& !type.isAnnotationPresent(SpringBootApplication.class)
				&& !type.isAnnotationPresent(EnableWebFluxSecurity.class);
	}

	private static <T> void register(GenericApplicationContext context, String name, Class<T> type) {
		if (type.isInterface()) {
			context.registerBean(name, type, () -> Mockito.mock(type), (bean) -> bean.setFallback(true));
		}
		else {
			context.registerBean(name, type);
		}
	}

	private static String beanName(Class<?> type) {
		return Introspector.decapitalize(type.getSimpleName());
	}

	private static URL url(Path folder) {
		try {
			return folder.toUri().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@EnableAutoConfiguration
	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
