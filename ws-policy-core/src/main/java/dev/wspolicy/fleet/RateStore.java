package dev.wspolicy.fleet;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Stores the remaining allowances that sessions share in {@code rate-limit}, and those of
 * the {@code opening-rate} of {@code session-limit}, where an opening session consumes
 * what a message without bytes does. By default, they are kept in the memory of this
 * gateway. Define a {@link Factory} bean to use another store, for instance one that
 * several gateways share. The allowance of a single session is never stored here.
 * Implementations must be thread-safe.
 */
@FunctionalInterface
public interface RateStore {

	/**
	 * Takes what a message consumes from an allowance. Called on an event loop, so it
	 * must not block: a store that needs I/O answers {@link Answer#later later}. If this
	 * method throws, or the pending answer fails, the session is closed with 1011, or the
	 * upgrade is answered with 500; a store that prefers otherwise must answer
	 * accordingly.
	 * @param key identifies the allowance
	 * @param bytes the length of the message in bytes
	 * @param maxWait the maximum delay of the message, which may borrow from the future
	 * within this time; any debt beyond is forgiven. Zero to take only what is available
	 * @return whether and when to forward the message
	 */
	Answer take(String key, int bytes, Duration maxWait);

	/**
	 * Creates stores.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Creates the store for one {@code rate-limit} entry of a pipeline, or for the
		 * {@code opening-rate} of one {@code session-limit} entry.
		 * @param name the name that the settings give the limit, or an empty string; for
		 * an {@code opening-rate} the name of the policy, a colon and the group. The same
		 * in all gateways with the same configuration
		 * @param rates the rates at which allowances are refilled
		 * @return the store
		 */
		RateStore create(String name, Rates rates);

	}

	/**
	 * Whether and when to forward a message.
	 */
	sealed interface Answer {

		/**
		 * Forward the message now.
		 * @return the answer
		 */
		static Answer granted() {
			return Granted.INSTANCE;
		}

		/**
		 * Refuse the message.
		 * @return the answer
		 */
		static Answer refused() {
			return Refused.INSTANCE;
		}

		/**
		 * Forward the message after a delay.
		 * @param time the delay
		 * @return the answer
		 */
		static Answer after(Duration time) {
			return new After(time);
		}

		/**
		 * Let the gateway decide by an allowance of its own, in its memory: the store
		 * cannot be reached.
		 * @return the answer
		 */
		static Answer alone() {
			return Alone.INSTANCE;
		}

		/**
		 * Decide later. The message and those that follow it wait.
		 * @param answer completes with the answer, on any thread; the
		 * {@code verdict-timeout} of the pipeline applies
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
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The answer of {@link Answer#refused()}.
	 */
	enum Refused implements Answer {

		/**
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The answer of {@link Answer#after(Duration)}.
	 *
	 * @param time the delay of the message
	 */
	record After(Duration time) implements Answer {

	}

	/**
	 * The answer of {@link Answer#alone()}.
	 */
	enum Alone implements Answer {

		/**
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The answer of {@link Answer#later(CompletionStage)}.
	 *
	 * @param answer completes with the answer
	 */
	record Later(CompletionStage<Answer> answer) implements Answer {

	}

}
