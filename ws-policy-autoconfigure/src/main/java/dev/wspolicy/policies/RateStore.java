package dev.wspolicy.policies;

import java.time.Duration;
import java.util.Map;

import dev.wspolicy.frame.Direction;

/**
 * Keeps what is left of allowances. Called on event loops, so nothing here waits.
 */
interface RateStore {

	/**
	 * The allowance of all sessions with the same key.
	 * @param key what they share
	 * @return the allowance
	 */
	Allowance shared(String key);

	/**
	 * The allowance of one session and direction.
	 * @param attributes the state of the session
	 * @param direction the direction
	 * @return the allowance
	 */
	Allowance own(Map<String, Object> attributes, Direction direction);

	/**
	 * Makes the store of one policy.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Make a store.
		 * @param rates what its allowances start with and are refilled by
		 * @return the store
		 */
		RateStore create(Rates rates);

	}

	/**
	 * What may still pass. Safe from any thread.
	 */
	interface Allowance {

		/**
		 * Take what a message needs, or nothing if there is too little.
		 * @param bytes the length of the message
		 * @return {@code false} if there is too little
		 */
		boolean tryTake(int bytes);

		/**
		 * Take what a message needs, ahead of time if there is too little.
		 * @param bytes the length of the message
		 * @param maxWait how far ahead of time; what is owed beyond it is forgiven
		 * @return how long the message must wait for it
		 */
		Duration take(int bytes, Duration maxWait);

	}

}
