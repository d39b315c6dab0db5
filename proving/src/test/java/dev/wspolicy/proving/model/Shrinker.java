package dev.wspolicy.proving.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.wspolicy.proving.model.Program.Answer;
import dev.wspolicy.proving.model.Program.Script;
import dev.wspolicy.proving.model.Program.Stages;
import dev.wspolicy.proving.model.Program.Step;

/**
 * Makes a program that fails as short as it gets: without steps, policies and answers
 * that make no difference to the failure.
 */
final class Shrinker {

	private final Predicate<Program> fails;

	private Program shortest;

	private Shrinker(Program program, Predicate<Program> fails) {
		this.shortest = program;
		this.fails = fails;
	}

	/**
	 * Shrinks a program.
	 * @param program a program that fails
	 * @param fails whether a program fails
	 * @return a program that fails, of which nothing can be left out
	 */
	static Program shrink(Program program, Predicate<Program> fails) {
		Shrinker shrinker = new Shrinker(program, fails);
		boolean shrunk = true;
		while (shrunk) {
			shrunk = shrinker.withoutSteps() | shrinker.withoutPipelines() | shrinker.withoutScripts()
					| shrinker.withTamerScripts();
		}
		return shrinker.shortest;
	}

	private boolean attempt(List<Stages> pipelines, List<Step> steps) {
		Program program = new Program(pipelines, steps);
		if (program.equals(this.shortest) || !this.fails.test(program)) {
			return false;
		}
		this.shortest = program;
		return true;
	}

	private boolean withoutSteps() {
		boolean shrunk = false;
		for (int length = Math.max(1, this.shortest.steps().size() / 2); length > 0; length /= 2) {
			for (int from = 0; from + length <= this.shortest.steps().size();) {
				List<Step> steps = new ArrayList<>(this.shortest.steps());
				steps.subList(from, from + length).clear();
				if (attempt(this.shortest.pipelines(), steps)) {
					shrunk = true;
				}
				else {
					from++;
				}
			}
		}
		return shrunk;
	}

	private boolean withoutPipelines() {
		boolean shrunk = false;
		while (this.shortest.pipelines().size() > 1 && attempt(
				this.shortest.pipelines().subList(0, this.shortest.pipelines().size() - 1), this.shortest.steps())) {
			shrunk = true;
		}
		return shrunk;
	}

	private boolean withoutScripts() {
		boolean shrunk = false;
		for (int i = 0; i < this.shortest.pipelines().size(); i++) {
			for (boolean inbound : new boolean[] { true, false }) {
				for (int at = scripts(i, inbound).size() - 1; at >= 0; at--) {
					List<Script> scripts = new ArrayList<>(scripts(i, inbound));
					scripts.remove(at);
					shrunk |= attempt(with(i, inbound, scripts), this.shortest.steps());
				}
			}
		}
		return shrunk;
	}

	private boolean withTamerScripts() {
		boolean shrunk = false;
		for (Script script : allScripts()) {
			Script current = script;
			for (int at = current.answers().size() - 1; at >= 0; at--) {
				List<Answer> fewer = new ArrayList<>(current.answers());
				Answer removed = fewer.remove(at);
				if (!fewer.isEmpty() && attempt(replaced(current, fewer), this.shortest.steps())) {
					current = with(current, fewer);
					shrunk = true;
				}
				else if (!removed.equals(new Answer.Forward())) {
					fewer.add(at, new Answer.Forward());
					if (attempt(replaced(current, fewer), this.shortest.steps())) {
						current = with(current, fewer);
						shrunk = true;
					}
				}
			}
		}
		return shrunk;
	}

	private List<Script> allScripts() {
		return this.shortest.pipelines()
			.stream()
			.flatMap((stages) -> List.of(stages.inbound(), stages.outbound()).stream())
			.flatMap(List::stream)
			.distinct()
			.toList();
	}

	private List<Script> scripts(int pipeline, boolean inbound) {
		Stages stages = this.shortest.pipelines().get(pipeline);
		return inbound ? stages.inbound() : stages.outbound();
	}

	private List<Stages> with(int pipeline, boolean inbound, List<Script> scripts) {
		List<Stages> pipelines = new ArrayList<>(this.shortest.pipelines());
		Stages stages = pipelines.get(pipeline);
		pipelines.set(pipeline,
				inbound ? new Stages(scripts, stages.outbound()) : new Stages(stages.inbound(), scripts));
		return pipelines;
	}

	private static Script with(Script script, List<Answer> answers) {
		return new Script(script.name(), script.granularity(), script.control(), script.onError(), answers);
	}

	private List<Stages> replaced(Script script, List<Answer> answers) {
		Script other = with(script, answers);
		return this.shortest.pipelines()
			.stream()
			.map((stages) -> new Stages(
					stages.inbound().stream().map((each) -> each.equals(script) ? other : each).toList(),
					stages.outbound().stream().map((each) -> each.equals(script) ? other : each).toList()))
			.toList();
	}

}
