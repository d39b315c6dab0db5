package dev.wspolicy.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.wspolicy.autoconfigure.WsPolicyAutoConfiguration;
import dev.wspolicy.builtin.BuiltInPolicies;
import dev.wspolicy.policy.FramePolicy;

import static org.assertj.core.api.Assertions.assertThat;

class JavaCommandTests {

	@Test
	void foldersArePacked(@TempDir Path directory) throws IOException {
		Path folder = Files.createDirectories(directory.resolve("classes/a/b"));
		Files.writeString(folder.resolve("c.txt"), "content");
		String library = directory.resolve("library.jar").toString();
		List<String> command = new JavaCommand(Jdk.running(),
				directory.resolve("classes") + File.pathSeparator + library)
			.packed(directory.resolve("jars"))
			.command(List.of(), Map.of(), JavaCommandTests.class);
		String[] elements = command.get(command.indexOf("-cp") + 1).split(File.pathSeparator);
		assertThat(elements).hasSize(2).endsWith(library);
		try (JarFile jar = new JarFile(elements[0])) {
			assertThat(jar.getInputStream(jar.getEntry("a/b/c.txt"))).hasContent("content");
		}
	}

	@Test
	void stockHasNoWsPolicyOnItsClassPath() {
		String product = Stream.of(FramePolicy.class, BuiltInPolicies.class, WsPolicyAutoConfiguration.class)
			.map((type) -> JavaCommand.location(type).toString())
			.collect(Collectors.joining(File.pathSeparator));
		JavaCommand java = new JavaCommand(Jdk.running(),
				"a.jar" + File.pathSeparator + product + File.pathSeparator + "b.jar");
		assertThat(java.withoutWsPolicy().command(List.of("-Xmx1g"), Map.of("a", "b"), String.class, "arg"))
			.endsWith("-Xmx1g", "-Da=b", "-cp", "a.jar" + File.pathSeparator + "b.jar", "java.lang.String", "arg");
	}

}
