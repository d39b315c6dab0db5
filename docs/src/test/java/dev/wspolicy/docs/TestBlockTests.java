package dev.wspolicy.docs;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tests in the examples pass, apart from those that need a whole gateway.
 */
class TestBlockTests {

	static List<JavaBlock> examples() {
		return JavaBlock.all()
			.stream()
			.filter((block) -> block.block().text().contains("@" + Test.class.getSimpleName() + "\n"))
			.filter((block) -> !block.block().text().contains("@" + SpringBootTest.class.getSimpleName()))
			.toList();
	}

	@ParameterizedTest
	@MethodSource("examples")
	void passes(JavaBlock example) throws Exception {
		int passed = 0;
		URL[] folder = { example.folder().toUri().toURL() };
		try (URLClassLoader loader = new URLClassLoader(folder, getClass().getClassLoader())) {
			for (String name : example.classNames().toList()) {
				passed += runAll(loader.loadClass(name));
			}
		}
		assertThat(passed).as("tests in " + example).isPositive();
	}

	private static int runAll(Class<?> type) throws ReflectiveOperationException {
		List<Method> tests = Stream.of(type.getDeclaredMethods())
			.filter((method) -> method.isAnnotationPresent(Test.class))
			.toList();
		for (Method test : tests) {
			Constructor<?> constructor = type.getDeclaredConstructor();
			constructor.setAccessible(true);
			test.setAccessible(true);
			test.invoke(constructor.newInstance());
		}
		return tests.size();
	}

}
