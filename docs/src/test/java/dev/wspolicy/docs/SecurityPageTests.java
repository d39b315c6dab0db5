package dev.wspolicy.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The review of security names tests that exist.
 */
class SecurityPageTests {

	private static final Pattern TEST = Pattern.compile("`(\\w+Tests)`");

	@Test
	void eachTopicHasATestThatExists() throws IOException {
		List<String> rows = Page.of("docs/security.md")
			.section("The list of OWASP")
			.stream()
			.filter((line) -> line.startsWith("| ") && !line.startsWith("| topic ") && !line.startsWith("| --- "))
			.toList();
		Set<String> tests = tests();
		assertThat(rows).hasSizeGreaterThan(20)
			.allSatisfy(
					(row) -> assertThat(TEST.matcher(row).results().map((test) -> test.group(1)).toList()).isNotEmpty()
						.isSubsetOf(tests));
	}

	private static Set<String> tests() throws IOException {
		try (Stream<Path> modules = Files.list(Page.ROOT)) {
			List<Path> sources = modules.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.toList();
			return sources.stream().flatMap(SecurityPageTests::names).collect(Collectors.toSet());
		}
	}

	private static Stream<String> names(Path sources) {
		try (Stream<Path> files = Files.walk(sources)) {
			return files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith("Tests.java"))
				.map((name) -> name.substring(0, name.length() - ".java".length()))
				.toList()
				.stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
