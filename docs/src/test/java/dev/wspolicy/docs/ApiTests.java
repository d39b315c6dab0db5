package dev.wspolicy.docs;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.relay.Disposition;
import dev.wspolicy.session.UpgradeContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tables match the code: no entry is missing, and none is obsolete.
 */
class ApiTests {

	private final Page policies = Page.of("docs/policies.md");

	private final Page architecture = Page.of("docs/architecture.md");

	@Test
	void attributesOfTheAnnotation() {
		assertThat(this.policies.firstColumn("Binding a policy"))
			.containsExactlyInAnyOrderElementsOf(methods(WsPolicy.class));
	}

	@Test
	void valuesOfOnError() {
		assertThat(this.policies.firstColumn("When a policy fails"))
			.containsExactlyElementsOf(Arrays.stream(OnError.values()).map(OnError::name).toList());
	}

	@Test
	void methodsOfTheUpgradeContext() {
		assertThat(this.policies.firstColumn("What a policy sees")).containsExactlyInAnyOrderElementsOf(
				methods(UpgradeContext.class).stream().map((name) -> name + "()").toList());
	}

	@Test
	void verdicts() {
		Set<String> factories = Arrays.stream(Verdict.class.getDeclaredMethods())
			.filter((method) -> Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
			.map(Method::getName)
			.collect(Collectors.toSet());
		assertThat(Page.of("README.md").firstColumn("Verdicts"))
			.extracting((code) -> code.replace("Verdict.", "").replaceAll("\\(.*", ""))
			.containsOnlyOnceElementsOf(Set.of("forward", "drop", "replaceText", "replyText"))
			.hasSameElementsAs(factories);
	}

	@Test
	void dispositions() {
		assertThat(this.architecture.firstColumn("The relay and its driver"))
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(Disposition.values()).map(Disposition::name).toList());
	}

	@Test
	void packages() throws IOException {
		List<String> packages = new ArrayList<>();
		for (String module : List.of("ws-policy-core", "ws-policy-policies", "ws-policy-autoconfigure")) {
			try (Stream<Path> files = Files.list(Page.ROOT.resolve(module).resolve("src/main/java/dev/wspolicy"))) {
				files.filter(Files::isDirectory)
					.map((folder) -> folder.getFileName().toString())
					.forEach(packages::add);
			}
		}
		assertThat(this.architecture.firstColumn("Packages")).containsExactlyInAnyOrderElementsOf(packages);
	}

	@Test
	void modules() throws IOException {
		String pom = Files.readString(Page.ROOT.resolve("pom.xml"));
		assertThat(this.architecture.firstColumn("Modules")).isNotEmpty()
			.allSatisfy((module) -> assertThat(pom).contains("<module>" + module + "</module>"));
	}

	private static Set<String> methods(Class<?> type) {
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> !method.isSynthetic())
			.map(Method::getName)
			.collect(Collectors.toSet());
	}

}
