package dev.wspolicy.benchmarks;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Executables}.
 */
class ExecutablesTests {

	@Test
	void programThatAnOptionNeedsAndThatIsMissingIsNamedWithTheRemedy() {
		assertThatIllegalArgumentException().isThrownBy(() -> Executables.require("no-such-program", "--tls"))
			.withMessageContaining("'--tls' needs 'no-such-program', which is not installed")
			.withMessageContaining("Install it");
	}

	@Test
	void programThatIsThereIsFound() {
		assertThat(Path.of(Executables.require("sh", "--tls"))).isExecutable();
	}

}
