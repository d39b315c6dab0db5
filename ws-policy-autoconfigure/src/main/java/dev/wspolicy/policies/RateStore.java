package dev.wspolicy.policies;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Keeps what is left of the allowances that sessions share in {@code rate-limit}. By
 * default they are in the memory of this gateway. A {@link Factory} bean puts another
 * store in its place, one that several gateways share for instance. What belongs to one
 * session alone never comes here. Safe from any thread.
 */
@FunctionalInterface
public interface RateStore {

	/**
	 * Take what a message needs from an allowance. Called on an event loop, so it must
	 * not wait: a store that has to ask somebody answers {@link Answer#later later}.
	 * @param key whose allowance it is
	 * @param bytes the length of the message
	 * @param maxWait how far ahead of time the message may take its share: it then waits
	 * for as long, and what is owed beyond this is forgiven; zero to take only what is
	 * there
	 * @return whether the message may pass, and when; to fail is to have the session
	 * closed with 1011, so a store that would rather let messages pass answers so
	 */
	Answer take(String key, int bytes, Duration maxWait);

	/**
	 * Makes stores.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Make the store of one place in a pipeline that names {@code rate-limit}.
		 * @param name what its settings call it, or an empty string; the same in all
		 * gateways with the same configuration
		 * @param rates what allowances start with and are refilled by
		 * @return the store
		 */
		RateStore create(String name, Rates rates);

	}

	/**
	 * Whether a message may pass.
	 */
	sealed interface Answer {

		/**
		 * It may, now.
		 * @return the answer
		 */
		static Answer granted() {
			return Granted.INSTANCE;
		}

		/**
		 * It may not.
		 * @return the answer
		 */
		static Answer refused() {
			return Refused.INSTANCE;
		}

		/**
		 * It may, after a while.
		 * @param time how long it has to wait
		 * @return the answer
		 */
		static Answer after(Duration time) {
			return new After(time);
		}

		/**
		 * That is not known yet. What the sender sends behind the message waits.
		 * @param answer completes with the answer, on any thread, in less time than the
		 * {@code verdict-timeout} of the pipeline
		 * @return the answer
		 */
		static Answer later(CompletionStage<Answer> answer) {
			return new Later(answer);
		}

	}

	/**
	 * The answer of {@link Answer#granted()}.
	 */
	enum Granted implements Answer {

		/**
		 * The only one.
		 */
		INSTANCE

	}

	/**
	 * The answer of {@link Answer#refused()}.
	 */
	enum Refused implements Answer {

		/**
		 * The only one.
		 */
		INSTANCE

	}

	/**
	 * The answer of {@link Answer#after(Duration)}.
	 *
	 * @param time how long the message has to wait
	 */
	record After(Duration time) implements Answer {

	}

	/**
	 * The answer of {@link Answer#later(CompletionStage)}.
	 *
	 * @param answer completes with the answer
	 */
	record Later(CompletionStage<Answer> answer) implements Answer {

	}

}
