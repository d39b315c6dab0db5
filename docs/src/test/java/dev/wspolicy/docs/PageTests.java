package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Links lead to existing files and headings, and every page is linked.
 */
class PageTests {

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

	static Stream<Page> pages() {
		return Page.all();
	}

	@ParameterizedTest
	@MethodSource("pages")
	void linksResolve(Page page) {
		assertThat(page.prose()).flatMap((line) -> LINK.matcher(line).results().map((link) -> link.group(1)).toList())
			.filteredOn((link) -> !link.contains("://"))
			.allSatisfy((link) -> assertThat(target(page, link)).as(link).isTrue());
	}

	@Test
	void theBookLinksToAllPages() throws IOException {
		String index = Files.readString(Page.ROOT.resolve("docs/index.md"));
		assertThat(Page.all().map(Page::name).filter((name) -> !name.equals("docs/index.md") && !isBuiltInPolicy(name)))
			.allSatisfy((name) -> assertThat(index)
				.contains("](" + (name.startsWith("docs/") ? name.substring(5) : "../" + name) + ")"));
	}

	@Test
	void theReadmeLinksToTheBook() throws IOException {
		assertThat(Files.readString(Page.ROOT.resolve("README.md"))).contains("](docs/index.md)");
	}

	@Test
	void theListOfTasksHasAllTasks() throws IOException {
		String index = Files.readString(Page.ROOT.resolve("docs/how-to/index.md"));
		assertThat(Page.all().map(Page::name).filter((name) -> name.startsWith("docs/how-to/"))).hasSizeGreaterThan(1)
			.filteredOn((name) -> !name.endsWith("/index.md"))
			.allSatisfy((name) -> assertThat(index).contains("](" + name.substring(name.lastIndexOf('/') + 1) + ")"));
	}

	@Test
	void theIndexLinksToAllBuiltInPolicies() throws IOException {
		String index = Files.readString(Page.ROOT.resolve("docs/policies/index.md"));
		assertThat(Page.all().map(Page::name).filter(PageTests::isBuiltInPolicy)).isNotEmpty()
			.allSatisfy((name) -> assertThat(index).contains("](" + name.substring(name.lastIndexOf('/') + 1) + ")"));
	}

	private static boolean isBuiltInPolicy(String name) {
		return name.startsWith("docs/policies/") && !name.endsWith("/index.md");
	}

	private static boolean target(Page page, String link) {
		int hash = link.indexOf('#');
		String file = (hash < 0) ? link : link.substring(0, hash);
		Path target = file.isEmpty() ? page.file() : page.file().resolveSibling(file);
		if (hash < 0 || !Files.isRegularFile(target)) {
			return Files.exists(target);
		}
		return Page.read(target)
			.prose()
			.stream()
			.filter((line) -> line.startsWith("#"))
			.map(PageTests::anchor)
			.anyMatch(link.substring(hash + 1)::equals);
	}

	/** Returns the anchor that GitHub generates. */
	private static String anchor(String heading) {
		return heading.replaceFirst("^#+ ", "")
			.toLowerCase(Locale.ROOT)
			.replaceAll("[^\\p{L}\\p{N} _-]", "")
			.replace(' ', '-');
	}

}
