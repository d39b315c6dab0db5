package dev.wspolicy.proving.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * Runs a program with a session and with the model, and compares.
 */
final class Trial {

	private Trial() {
	}

	/**
	 * Runs a program.
	 * @param program the program
	 * @return how the session differs from the model, or {@code null} if it does not
	 */
	static @Nullable String run(Program program) {
		ProgramRun run = new ProgramRun(program);
		ReferenceModel model = new ReferenceModel(program);
		try {
			program.steps().forEach(run::take);
			program.steps().forEach(model::take);
			List<String> problems = new ArrayList<>();
			boolean certain = !run.hasFailed() && !model.isUncertain();
			for (Side side : Side.values()) {
				compare(run.outcome(side), model.leg(side), side, certain, model.isCrossed(), problems);
			}
			if (certain && run.sentElsewhere() != model.sentElsewhere()) {
				problems.add("the other session has not got " + model.sentElsewhere() + " messages");
			}
			run.end();
			Termination termination = run.termination();
			if (certain && model.cause() != null && termination != null && termination.cause() != model.cause()) {
				problems.add("ended for " + termination.cause() + " in place of " + model.cause());
			}
			problems.addAll(run.findProblems());
			return problems.isEmpty() ? null : String.join("\n", problems);
		}
		catch (RuntimeException | AssertionError ex) {
			return ex.toString() + " at "
					+ List.of(ex.getStackTrace()).subList(0, Math.min(6, ex.getStackTrace().length));
		}
		finally {
			run.close();
		}
	}

	private static void compare(Outcome outcome, ModelLeg expected, Side side, boolean certain, boolean crossed,
			List<String> problems) {
		Set<String> different = new HashSet<>(outcome.got());
		if (different.size() < outcome.got().size()) {
			problems.add("to " + side + " twice: " + outcome.got());
		}
		if (!certain) {
			return;
		}
		for (String origins : crossed ? List.of("cu", "r", "s") : List.of("curs")) {
			List<String> got = from(origins, outcome.got());
			List<String> promised = from(origins, expected.got);
			// A peer that is lost need not get everything.
			int length = expected.lost ? Math.min(got.size(), promised.size()) : promised.size();
			if (!got.equals(promised.subList(0, length))) {
				problems.add("to " + side + ": " + got + "\n  in place of " + promised);
			}
		}
		if (expected.lost) {
			return;
		}
		Integer close = outcome.close();
		if ((close != null) ? !close.equals(expected.close) : expected.close != null) {
			problems.add("to " + side + ": close " + close + " in place of " + expected.close);
		}
	}

	/** Selects what peers, replies, or calls have sent, by the first letter. */
	private static List<String> from(String origins, List<String> got) {
		return got.stream().filter((text) -> origins.indexOf(text.charAt(5)) >= 0).toList();
	}

}
