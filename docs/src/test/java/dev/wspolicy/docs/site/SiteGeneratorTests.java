package dev.wspolicy.docs.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The site has all pages, and its links lead somewhere.
 */
class SiteGeneratorTests {

	private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

	/** Surefire runs in the module's folder. */
	private static final Path ROOT = Path.of("..");

	@TempDir
	private Path site;

	@Test
	void linksOfTheSiteResolve() throws IOException {
		int pages = SiteGenerator.generate(ROOT, this.site);
		List<Path> files = files();
		assertThat(files).hasSize(pages).hasSizeGreaterThan(40);
		for (Path file : files) {
			assertThat(LINK.matcher(Files.readString(file)).results().map((link) -> link.group(1))).isNotEmpty()
				.filteredOn((link) -> !link.contains("://"))
				.allSatisfy((link) -> assertThat(leadsSomewhere(file, link)).as(file + " " + link).isTrue());
		}
	}

	@Test
	void everyPageHasTheTableOfContents() throws IOException {
		SiteGenerator.generate(ROOT, this.site);
		assertThat(Files.readString(this.site.resolve("policies/rate-limit.html"))).contains(
				"<a href=\"../getting-started.html\">Getting started</a>", "<h2>Running it</h2>", "<table>",
				"<h2 id=\"several-gateways\">Several gateways</h2>");
		assertThat(Files.readString(this.site.resolve("security.html")))
			.contains("<a href=\"security.html\" aria-current=\"page\">Security</a>");
	}

	@Test
	void rejectsBrokenLinks() throws IOException {
		Path root = this.site.resolve("root");
		Files.createDirectories(root.resolve("docs"));
		Files.writeString(root.resolve("README.md"), "# Read\n[a](docs/index.md#there) [b](docs/missing.md)\n");
		Files.writeString(root.resolve("CONTRIBUTING.md"), "# Contribute\n[a](docs/index.md#here) [b](pom.xml)\n");
		Files.writeString(root.resolve("docs/index.md"), "# Index\n## Here\n");
		assertThatIllegalStateException().isThrownBy(() -> SiteGenerator.generate(root, this.site.resolve("out")))
			.withMessage("Broken links:\nCONTRIBUTING.html: pom.xml\nREADME.html: docs/index.md#there\n"
					+ "README.html: docs/missing.md");
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> found = Files.walk(this.site)) {
			return found.filter((file) -> file.toString().endsWith(".html")).toList();
		}
	}

	private static boolean leadsSomewhere(Path page, String link) throws IOException {
		int hash = link.indexOf('#');
		Path file = (hash == 0) ? page : page.resolveSibling((hash < 0) ? link : link.substring(0, hash));
		return Files.isRegularFile(file)
				&& (hash < 0 || Files.readString(file).contains("id=\"" + link.substring(hash + 1) + "\""));
	}

}
