package dev.wspolicy.docs;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import dev.wspolicy.session.Termination;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page explains all causes, and names no others.
 */
class TroubleshootingPageTests {

	private static final Pattern CAUSE = Pattern.compile("cause=(\\w+)");

	private static final Pattern ROW = Pattern.compile("^\\| `([a-z]+(?:_[a-z]+)?)` \\| ");

	private static final List<String> CAUSES = Arrays.stream(Termination.Cause.values())
		.map((cause) -> cause.name().toLowerCase(Locale.ROOT))
		.toList();

	private final Page page = Page.of("docs/troubleshooting.md");

	@Test
	void theTableHasAllCauses() {
		assertThat(this.page.section("The session ends"))
			.flatMap((line) -> ROW.matcher(line).results().map((row) -> row.group(1)).toList())
			.filteredOn((row) -> !row.equals("cause"))
			.containsExactlyElementsOf(CAUSES);
	}

	@Test
	void pagesNameExistingCausesOnly() {
		assertThat(Page.all()).allSatisfy((page) -> assertThat(page.prose())
			.flatMap((line) -> CAUSE.matcher(line).results().map((cause) -> cause.group(1)).toList())
			.isSubsetOf(CAUSES));
	}

}
