package dev.wspolicy.proving.model;

import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.proving.Seed;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.QuietLog;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random programs, of which a session and the model must make the same. If they do not,
 * the test shows the shortest program that it finds.
 */
@ExtendWith(QuietLog.class)
class RelayModelTests {

	private static final int SHORT = 3_000;

	/** As many as run within some minutes. */
	private static final int LONG = 300_000;

	@Test
	void sessionDoesWhatTheModelSays() {
		run(Seed.of("relay model", 1), SHORT);
	}

	@Test
	void shrinkerLeavesNothingOut() {
		Program program = IntStream.iterate(0, (trial) -> trial + 1)
			.mapToObj((trial) -> ProgramGenerator.generate(new Seed(1).trial(trial)))
			.filter(RelayModelTests::repliesToText)
			.findFirst()
			.orElseThrow();
		Program shortest = Shrinker.shrink(program, RelayModelTests::repliesToText);
		assertThat(shortest.steps()).hasSize(1);
		assertThat(shortest.pipelines()).singleElement()
			.extracting((stages) -> stages.inbound().size() + stages.outbound().size())
			.isEqualTo(1);
	}

	private static boolean repliesToText(Program program) {
		ReferenceModel model = new ReferenceModel(program);
		program.steps().forEach(model::take);
		return Stream.of(Side.values())
			.flatMap((side) -> model.leg(side).got.stream())
			.anyMatch((text) -> text.startsWith("text r"));
	}

	@Test
	@Tag("proving")
	void longRun() {
		run(Seed.of("relay model, long"), Integer.getInteger("proving.programs", LONG));
	}

	private static void run(Seed seed, int programs) {
		for (int i = 0; i < programs; i++) {
			Program program = ProgramGenerator.generate(seed.trial(i));
			if (Trial.run(program) != null) {
				Program shortest = Shrinker.shrink(program, (shorter) -> Trial.run(shorter) != null);
				throw new AssertionError("Program " + i + " of " + seed + " fails:\n" + shortest + Trial.run(shortest));
			}
		}
	}

}
