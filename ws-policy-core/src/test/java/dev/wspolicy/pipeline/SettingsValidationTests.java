package dev.wspolicy.pipeline;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Settings that make no sense are rejected where they are created.
 */
class SettingsValidationTests {

	@ParameterizedTest
	@CsvSource({ "0,1,1,frames", "1,0,1,readBytes", "1,1,0,inflatedBytes", "-1,1,1,frames" })
	void turnBudgetIsPositive(int frames, int readBytes, int inflatedBytes, String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> new TurnBudget(frames, readBytes, inflatedBytes))
			.withMessageStartingWith(name + ": ");
	}

	@ParameterizedTest
	@CsvSource({ "0,1", "-1,1", "2,2", "3,2" })
	void lowWaterMarkIsPositiveAndBelowTheHighOne(int low, int high) {
		assertThatIllegalArgumentException().isThrownBy(() -> new WaterMarks(low, high))
			.withMessageStartingWith("low: " + low);
	}

	@ParameterizedTest
	@CsvSource({ "-2,0,level", "0,0,level", "10,0,level", "6,-1,minSize" })
	void compressionHasALevelAndAMinimumSize(int level, long minSize, String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> new Compression(true, true, true, level, minSize))
			.withMessageStartingWith(name + ": ");
	}

	@ParameterizedTest
	@CsvSource({ "8,8,windowBits", "16,8,windowBits", "9,4,memLevel", "15,10,memLevel" })
	void compressionHasAWindowAndAMemoryLevel(int windowBits, int memLevel, String name) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Compression(true, true, true, -1, 0, windowBits, memLevel))
			.withMessageStartingWith(name + ": ");
	}

	@ParameterizedTest
	@CsvSource({ "true,false", "false,true", "true,true" })
	void compressionIsSetPerLeg(boolean client, boolean upstream) {
		Compression compression = new Compression(client, upstream, true, 9, 0);
		assertThat(compression.isOn(Side.CLIENT)).isEqualTo(client);
		assertThat(compression.isOn(Side.UPSTREAM)).isEqualTo(upstream);
	}

	@ParameterizedTest
	@CsvSource({ "1,9,5", "9,15,9", "-1,15,8" })
	void compressionMayHaveTheLowestAndHighestValues(int level, int windowBits, int memLevel) {
		Compression compression = new Compression(true, true, true, level, 0, windowBits, memLevel);
		assertThat(compression.level()).isEqualTo(level);
		assertThat(compression.windowBits()).isEqualTo(windowBits);
		assertThat(compression.memLevel()).isEqualTo(memLevel);
	}

	@Test
	void limitsMayBeOne() {
		assertThat(new Limits(1, 1, 1).frame()).isOne();
	}

	@Test
	void limitsOfASessionTakeThePlaceOfThoseThatTheyName() {
		Limits limits = new Limits(1, 2, 3);
		assertThat(limits.with(LimitOverrides.NONE)).isEqualTo(limits);
		assertThat(limits.with(new LimitOverrides(4, 0, 0))).isEqualTo(new Limits(4, 2, 3));
		assertThat(limits.with(new LimitOverrides(0, 4, 0))).isEqualTo(new Limits(1, 4, 3));
		assertThat(limits.with(new LimitOverrides(0, 0, 4))).isEqualTo(new Limits(1, 2, 4));
	}

}
