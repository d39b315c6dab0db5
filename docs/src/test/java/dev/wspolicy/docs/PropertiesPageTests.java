package dev.wspolicy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page is that of this build.
 */
class PropertiesPageTests {

	@Test
	void isUpToDate() throws IOException {
		String expected = PropertiesPage.text();
		Path generated = Path.of("target", "generated", "configuration-properties.md");
		Files.createDirectories(generated.getParent());
		Files.writeString(generated, expected);
		assertThat(Page.ROOT.resolve(PropertiesPage.NAME))
			.as("copy docs/target/generated/configuration-properties.md to docs")
			.hasContent(expected);
	}

	@Test
	void hasAllKeys() {
		String page = PropertiesPage.text();
		assertThat(KnownProperties.ofWsPolicy()).allSatisfy(
				(key) -> assertThat(page).contains("| `" + key.replace("ws-policy.pipelines.<name>.", "") + "` |"));
	}

}
