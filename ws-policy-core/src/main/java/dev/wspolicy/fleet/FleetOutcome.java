package dev.wspolicy.fleet;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of a command.
 *
 * @param answers the answers of the gateways that executed it
 * @param reach the gateways that answered, and the live ones that did not in time; these
 * may still execute the command
 */
public record FleetOutcome(List<Answer> answers, Reach reach) {

	public FleetOutcome {
		answers = List.copyOf(answers);
	}

	/**
	 * Returns the outcome of a command.
	 * @param answers the answers
	 * @param live the gateways that should have answered
	 * @return the outcome
	 */
	public static FleetOutcome of(Collection<Answer> answers, Collection<String> live) {
		return new FleetOutcome(List.copyOf(answers), Reach.of(answers.stream().map(Answer::gateway).toList(), live));
	}

	/**
	 * Returns how many sessions the command was executed on.
	 * @return the number, of the gateways that answered
	 */
	public long sessions() {
		return this.answers.stream().mapToLong(Answer::sessions).sum();
	}

	/**
	 * Returns the problems of the gateways that could not execute the command.
	 * @return the problems by gateway, sorted
	 */
	public Map<String, String> problems() {
		Map<String, String> problems = new TreeMap<>();
		for (Answer answer : this.answers) {
			if (!answer.problem().isEmpty()) {
				problems.put(answer.gateway(), answer.problem());
			}
		}
		return Collections.unmodifiableMap(problems);
	}

	/**
	 * The answer of a gateway.
	 *
	 * @param gateway the name of the gateway
	 * @param sessions the number of sessions that the command was executed on
	 * @param problem why the command could not be executed, or empty
	 */
	public record Answer(String gateway, long sessions, String problem) {

		/**
		 * Creates an answer without a problem.
		 * @param gateway the name of the gateway
		 * @param sessions the number of sessions that the command was executed on
		 */
		public Answer(String gateway, long sessions) {
			this(gateway, sessions, "");
		}

	}

}
