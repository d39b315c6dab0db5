package dev.wspolicy.benchmarks;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OptionsTests {

	@Test
	void haveDefaults() {
		assertThat(Options.parse()).isEqualTo(Options.DEFAULT);
		assertThat(Options.DEFAULT.rounds()).isEqualTo(5);
		assertThat(Options.DEFAULT.idle()).isEqualTo(9000);
	}

	@Test
	void areRead() {
		Options options = Options.parse("--quick", "--rounds=3", "--warm-up=0.5s", "--duration=2s", "--idle=0",
				"--series=false", "--contestants=stock,nginx", "--loads=large", "--directory=work", "--docs=docs",
				"--jvm-args=-Xlog:gc,-ea", "--other-jdk=" + System.getProperty("java.home"), "--tls=both",
				"--resumption=true", "--compression=true", "--ws=ws");
		assertThat(options.rounds()).isEqualTo(3);
		assertThat(options.warmUp()).isEqualTo(Duration.ofMillis(500));
		assertThat(options.duration()).isEqualTo(Duration.ofSeconds(2));
		assertThat(options.idle()).isZero();
		assertThat(options.series()).isFalse();
		assertThat(options.wantsContestant("nginx")).isTrue();
		assertThat(options.wantsContestant("haproxy")).isFalse();
		assertThat(options.wantsLoad("large")).isTrue();
		assertThat(options.wantsLoad("fan-out")).isFalse();
		assertThat(options.directory()).isEqualTo(Path.of("work"));
		assertThat(options.jvmArgs()).containsExactly("-Xlog:gc", "-ea");
		assertThat(Options.parse("--jvm-args=").jvmArgs()).isEmpty();
		assertThat(options.otherJdk()).isEqualTo(Jdk.in(Path.of(System.getProperty("java.home"))));
		assertThat(options.encryption()).isEqualTo(Encryption.BOTH);
		assertThat(options.resumption()).isTrue();
		assertThat(options.compression()).isTrue();
		assertThat(options.ws()).isEqualTo(Path.of("ws"));
		assertThat(options.docs()).isEqualTo(Path.of("docs"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "--round=3", "rounds=3", "--rounds", "--tls=neither", "--other-jdk=/nowhere" })
	void othersAreRefused(String option) {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(option))
			.withMessageContaining(option.substring(option.indexOf('/') + 1));
	}

}
