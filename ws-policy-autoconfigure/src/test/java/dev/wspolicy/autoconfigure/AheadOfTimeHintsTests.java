package dev.wspolicy.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.aot.BeanRegistrationCode;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.javapoet.ClassName;
import org.springframework.util.ClassUtils;

import dev.wspolicy.gateway.WsPolicyGatewayFilterFactory;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.UpgradePolicyFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checks the hints for a native image.
 */
class AheadOfTimeHintsTests {

	private static final RuntimeHints hints = new RuntimeHints();

	@BeforeAll
	static void register() {
		Stream
			.of(WsPolicyAutoConfiguration.class, WsPolicyPoliciesAutoConfiguration.class,
					WsPolicySecurityPoliciesAutoConfiguration.class, WsPolicyStompPoliciesAutoConfiguration.class,
					WsPolicyGraphQlPoliciesAutoConfiguration.class, WsPolicyJsonPoliciesAutoConfiguration.class,
					EndpointConfiguration.class)
			.flatMap((configuration) -> Stream.of(configuration.getAnnotation(ImportRuntimeHints.class).value()))
			.forEach((registrar) -> BeanUtils.instantiateClass(registrar).registerHints(hints, null));
	}

	@Test
	void settingsOfBuiltInPoliciesCanBeBound() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(WsPolicyPoliciesAutoConfiguration.class,
					WsPolicySecurityPoliciesAutoConfiguration.class, WsPolicyStompPoliciesAutoConfiguration.class,
					WsPolicyGraphQlPoliciesAutoConfiguration.class, WsPolicyJsonPoliciesAutoConfiguration.class))
			.run((context) -> {
				Stream<Class<?>> frames = context.getBeansOfType(FramePolicyFactory.class)
					.values()
					.stream()
					.map((factory) -> factory.settingsType());
				Stream<Class<?>> upgrades = context.getBeansOfType(UpgradePolicyFactory.class)
					.values()
					.stream()
					.map((factory) -> factory.settingsType());
				assertThat(Stream.concat(frames, upgrades)).hasSizeGreaterThan(15)
					.allSatisfy(AheadOfTimeHintsTests::canBeBound);
			});
	}

	@Test
	void settingsOfTheApplicationCanBeBound() {
		DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
		RootBeanDefinition shout = new RootBeanDefinition();
		shout.setTargetType(ResolvableType.forClassWithGenerics(FramePolicyFactory.class, Shout.class));
		beans.registerBeanDefinition("shout", shout);
		GenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(AheadOfTimeHintsTests.class)), new InMemoryGeneratedFiles(),
				hints);
		BeanRegistrationAotContribution contribution = AotServices.factories()
			.load(BeanRegistrationAotProcessor.class)
			.stream()
			.filter(SettingsAotProcessor.class::isInstance)
			.map((processor) -> processor.processAheadOfTime(RegisteredBean.of(beans, "shout")))
			.findFirst()
			.orElseThrow();
		contribution.applyTo(generation, Mockito.mock(BeanRegistrationCode.class));
		canBeBound(Shout.class);
	}

	private static void canBeBound(Class<?> settings) {
		Constructor<?>[] constructors = settings.getDeclaredConstructors();
		assertThat(constructors).hasSize(1);
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(constructors[0])).accepts(hints);
		for (Class<?> part : parts(settings)) {
			canBeBound(part);
			Method fromText = ClassUtils.getStaticMethod(part, "of", String.class);
			if (fromText != null) {
				assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(fromText)).accepts(hints);
			}
		}
	}

	/** Returns the records that a record consists of, also as elements of collections. */
	private static List<Class<?>> parts(Class<?> settings) {
		List<Class<?>> parts = new ArrayList<>();
		for (RecordComponent component : settings.getRecordComponents()) {
			ResolvableType type = ResolvableType.forType(component.getGenericType());
			Stream.of(type, type.getGeneric(0))
				.map(ResolvableType::resolve)
				.filter((part) -> part != null && part.isRecord())
				.forEach(parts::add);
		}
		return parts;
	}

	@Test
	void entriesOfPipelinesCanBeBound() throws NoSuchMethodException {
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(PolicyEntry.class.getConstructor()))
			.accepts(hints);
		assertThat(
				RuntimeHintsPredicates.reflection().onMethodInvocation(PolicyEntry.class.getMethod("of", String.class)))
			.accepts(hints);
	}

	@Test
	void filterOfRoutesCanBeBound() throws NoSuchMethodException {
		Class<?> config = WsPolicyGatewayFilterFactory.Config.class;
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(config.getConstructor())).accepts(hints);
		assertThat(
				RuntimeHintsPredicates.reflection().onMethodInvocation(config.getMethod("setPipeline", String.class)))
			.accepts(hints);
	}

	@Test
	void answersOfEndpointsCanBeWritten() {
		ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false) {

			@Override
			protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
				return definition.getMetadata().isConcrete();
			}

		};
		scanner.addIncludeFilter(new AssignableTypeFilter(OperationResponseBody.class));
		List<Class<?>> bodies = scanner.findCandidateComponents("dev.wspolicy.actuate")
			.stream()
			.<Class<?>>map((body) -> ClassUtils.resolveClassName(body.getBeanClassName(), null))
			.toList();
		assertThat(bodies).hasSizeGreaterThan(8).allSatisfy((body) -> {
			for (RecordComponent component : body.getRecordComponents()) {
				assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(component.getAccessor()))
					.accepts(hints);
			}
		});
	}

	@Test
	void filesOfTheConsoleAreIncluded() throws IOException {
		Resource[] files = new PathMatchingResourcePatternResolver()
			.getResources("classpath*:dev/wspolicy/actuate/console/*");
		assertThat(files).hasSizeGreaterThan(10)
			.extracting(Resource::getFilename)
			.allSatisfy((name) -> assertThat(
					RuntimeHintsPredicates.resource().forResource("dev/wspolicy/actuate/console/" + name))
				.accepts(hints));
	}

	record Shout(Mark mark, Set<String> words) {

	}

	record Mark(String text) {

	}

}
