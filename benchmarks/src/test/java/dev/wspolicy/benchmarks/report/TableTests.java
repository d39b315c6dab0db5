package dev.wspolicy.benchmarks.report;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TableTests {

	private final Table table = new Table(List.of("proxy", "128 B"));

	@Test
	void alignsNumbersToTheRight() {
		this.table.add(List.of("stock", "1.95"));
		this.table.add(List.of("pass-through", "0.73 (0.37)"));
		assertThat(this.table).hasToString("""
				| proxy        |       128 B |
				| ------------ | ----------: |
				| stock        |        1.95 |
				| pass-through | 0.73 (0.37) |
				""");
	}

	@Test
	void alignsNamesToTheLeft() {
		Table names = new Table(List.of("part", "with", "ns"), 2);
		names.add(List.of("Relay.message", "policies 0", "45.1"));
		names.add(List.of("Masks.array", "size 16384", "1,234"));
		assertThat(names).hasToString("""
				| part          | with       |    ns |
				| ------------- | ---------- | ----: |
				| Relay.message | policies 0 |  45.1 |
				| Masks.array   | size 16384 | 1,234 |
				""");
	}

	@Test
	void allRowsAreOfOneLength() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.table.add(List.of("stock")))
			.withMessage("row: 1 cells (expected: 2)");
	}

}
