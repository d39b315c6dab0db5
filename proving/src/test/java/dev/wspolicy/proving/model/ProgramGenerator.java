package dev.wspolicy.proving.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.proving.model.Program.Action;
import dev.wspolicy.proving.model.Program.Answer;
import dev.wspolicy.proving.model.Program.Caller;
import dev.wspolicy.proving.model.Program.Failing;
import dev.wspolicy.proving.model.Program.Script;
import dev.wspolicy.proving.model.Program.Stages;
import dev.wspolicy.proving.model.Program.Step;
import dev.wspolicy.session.Side;

/**
 * Makes up programs.
 */
final class ProgramGenerator {

	private static final int[] CODES = { 1000, 1001, 1008, 1013, 3000, 4000, 4999 };

	private final Random random;

	private final List<Script> scripts = new ArrayList<>();

	private final boolean failing;

	private int pipelines;

	private int id;

	private ProgramGenerator(Random random) {
		this.random = random;
		this.failing = chance(15);
	}

	static Program generate(Random random) {
		return new ProgramGenerator(random).generate();
	}

	private Program generate() {
		this.pipelines = chance(40) ? 3 : 1;
		List<Stages> stages = new ArrayList<>();
		for (int i = 0; i < this.pipelines; i++) {
			stages.add(new Stages(scripts(), scripts()));
		}
		List<Step> steps = new ArrayList<>();
		int length = 3 + this.random.nextInt(chance(80) ? 30 : 150);
		for (int i = 0; i < length; i++) {
			steps.add(step());
		}
		return new Program(stages, steps);
	}

	private List<Script> scripts() {
		List<Script> scripts = new ArrayList<>();
		for (int i = this.random.nextInt(4); i > 0; i--) {
			scripts.add(script());
		}
		return scripts.stream().distinct().toList();
	}

	private Script script() {
		if (!this.scripts.isEmpty() && chance(30)) {
			return pick(this.scripts);
		}
		List<Answer> answers = new ArrayList<>();
		for (int i = 1 + this.random.nextInt(5); i > 0; i--) {
			answers.add(chance(35) ? new Answer.Forward() : answer(true));
		}
		Script script = new Script(String.valueOf((char) ('A' + this.scripts.size())),
				chance(35) ? Granularity.FRAME : Granularity.MESSAGE, chance(30),
				OnError.values()[this.random.nextInt(3)], answers);
		this.scripts.add(script);
		return script;
	}

	private Answer answer(boolean ofPolicy) {
		int what = this.random.nextInt(ofPolicy ? 100 : 60);
		if (what < 20) {
			return new Answer.Replace(chance(60) ? 1 : this.random.nextInt(4));
		}
		if (what < 28) {
			return new Answer.Drop();
		}
		if (what < 38) {
			return new Answer.Reply();
		}
		if (what < 40) {
			return chance(50) ? new Answer.Close(code(), code()) : new Answer.CloseSender(code());
		}
		if (what < 46) {
			return new Answer.Fail(chance(50));
		}
		if (what < 48) {
			return new Answer.Nothing();
		}
		if (what < 60) {
			return new Answer.Forward();
		}
		if (what < 75) {
			return new Answer.Later(chance(50));
		}
		return (what < 83) ? new Answer.Ready(answer(false)) : new Answer.Call(chance(40), action());
	}

	private Action action() {
		int what = this.random.nextInt(100);
		if (what < 30) {
			return new Action.Send(side(), chance(25));
		}
		if (what < 33) {
			return new Action.Close(code(), code());
		}
		if (what < 41) {
			Direction direction = chance(50) ? Direction.INBOUND : Direction.OUTBOUND;
			return new Action.Limit(direction, chance(40) ? 0 : 3 + this.random.nextInt(40));
		}
		if (what < 70) {
			return new Action.Keep(this.random.nextInt(8), answer(false));
		}
		if (what < 80) {
			return new Action.Switch(this.random.nextInt(this.pipelines));
		}
		if (what < 88) {
			return new Action.Schedule(1 + this.random.nextInt(8), side());
		}
		return (what < 95) ? new Action.Tap(chance(60)) : new Action.SendElsewhere();
	}

	private Step step() {
		int what = this.random.nextInt(100);
		if (what < 50) {
			return new Step.Data(this.id++, side(), chance(65));
		}
		if (what < 60) {
			return new Step.Control(this.id++, side(), chance(60));
		}
		if (what < 85) {
			return new Step.Do(pick(List.of(Caller.values())), action());
		}
		if (what < 90) {
			return new Step.Wait(1 + this.random.nextInt(12));
		}
		if (what < 94) {
			return new Step.Close(this.id++, side(), chance(20) ? 0 : code());
		}
		if (what < 95) {
			return new Step.Violate(this.id++, side());
		}
		if (what < 97) {
			return new Step.Lose(side(), chance(50));
		}
		if (this.failing) {
			return new Step.Fault(pick(List.of(Failing.values())), this.random.nextInt(10));
		}
		return new Step.Data(this.id++, side(), true);
	}

	private int code() {
		return CODES[this.random.nextInt(CODES.length)];
	}

	private Side side() {
		return chance(50) ? Side.CLIENT : Side.UPSTREAM;
	}

	private <T> T pick(List<T> values) {
		return values.get(this.random.nextInt(values.size()));
	}

	private boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

}
