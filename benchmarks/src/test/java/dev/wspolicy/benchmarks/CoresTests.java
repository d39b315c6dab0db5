package dev.wspolicy.benchmarks;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CoresTests {

	@Test
	void readsTheKernelsLists() {
		assertThat(Cores.parse("0")).containsExactly(0);
		assertThat(Cores.parse("0-1")).containsExactly(0, 1);
		assertThat(Cores.parse("0-2,5,7-8")).containsExactly(0, 1, 2, 5, 7, 8);
	}

	@Test
	void theProxyHasACoreForItself() {
		assertThat(Cores.of(List.of(4, 5))).isEqualTo(new Cores(4, 5, 5));
		assertThat(Cores.of(List.of(0, 1, 2, 3))).isEqualTo(new Cores(0, 1, 2));
	}

	@Test
	void oneCoreIsNotShared() {
		assertThat(Cores.of(List.of(0))).isSameAs(Cores.NONE);
		assertThat(Cores.bind(Cores.NONE.proxy(), List.of("java"))).containsExactly("java");
	}

	@Test
	void bindsCommands() {
		assertThat(Cores.bind(1, List.of("java", "-version"))).containsExactly("taskset", "-c", "1", "java",
				"-version");
	}

}
