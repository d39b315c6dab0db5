package dev.wspolicy.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigUtils;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/**
 * Lets the application contexts of a JVM share what they read from class files. Hundreds
 * of them are started from the same configuration classes, and each would search the
 * class path for them and parse them again. Contexts with a class loader of their own,
 * which may lack classes, share nothing.
 */
public final class SharedClassMetadata implements ApplicationContextInitializer<ConfigurableApplicationContext> {

	private static final MetadataReaderFactory SHARED = new SharingFactory(
			MetadataReaderFactory.create(SharedClassMetadata.class.getClassLoader()));

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		if (context.getClassLoader() == SharedClassMetadata.class.getClassLoader()) {
			// Spring Boot sets a cache per context, by a post-processor that comes before
			context.addBeanFactoryPostProcessor((BeanDefinitionRegistryPostProcessor) SharedClassMetadata::share);
		}
	}

	private static void share(BeanDefinitionRegistry registry) {
		registry.getBeanDefinition(AnnotationConfigUtils.CONFIGURATION_ANNOTATION_PROCESSOR_BEAN_NAME)
			.getPropertyValues()
			.add("metadataReaderFactory", SHARED);
	}

	/**
	 * Keeps what it has read, also after a context has been refreshed.
	 */
	private static final class SharingFactory implements MetadataReaderFactory {

		private final MetadataReaderFactory factory;

		private final Map<String, MetadataReader> readers = new ConcurrentHashMap<>();

		SharingFactory(MetadataReaderFactory factory) {
			this.factory = factory;
		}

		@Override
		public MetadataReader getMetadataReader(String className) throws IOException {
			try {
				return this.readers.computeIfAbsent(className, this::read);
			}
			catch (UncheckedIOException ex) {
				throw ex.getCause();
			}
		}

		private MetadataReader read(String className) {
			try {
				return this.factory.getMetadataReader(className);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		@Override
		public MetadataReader getMetadataReader(Resource resource) throws IOException {
			return this.factory.getMetadataReader(resource);
		}

		@Override
		public ResourceLoader getResourceLoader() {
			return this.factory.getResourceLoader();
		}

	}

}
