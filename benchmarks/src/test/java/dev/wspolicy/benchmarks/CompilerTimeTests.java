package dev.wspolicy.benchmarks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

class CompilerTimeTests {

	@Test
	@EnabledOnOs(OS.LINUX)
	void jvmHasCompiledSomething() {
		assertThat(CompilerTime.nanos(ProcessHandle.current().pid())).isPositive();
	}

	@Test
	void processThatIsGoneHasNone() {
		assertThat(CompilerTime.nanos(Integer.MAX_VALUE)).isZero();
	}

}
