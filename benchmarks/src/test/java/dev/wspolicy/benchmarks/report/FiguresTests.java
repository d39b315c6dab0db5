package dev.wspolicy.benchmarks.report;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class FiguresTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "0.734|0.73", "8.6|8.60", "12.84|12.8", "1234.4|1,234", "123456|123,456" })
	void haveAboutThreeDigits(double value, String text) {
		assertThat(Figures.of(value)).isEqualTo(text);
	}

}
