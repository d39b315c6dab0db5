package dev.wspolicy.docs;

import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each Java block compiles without a warning.
 */
class JavaBlockTests {

	static List<JavaBlock> blocks() {
		return JavaBlock.all();
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void compiles(JavaBlock block) {
		assertThat(block.problems()).isEmpty();
	}

}
