package dev.wspolicy.policy.json;

import java.util.List;
import java.util.concurrent.CompletionStage;

import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Verdict;

/**
 * What a policy wants done with a message that has a type.
 *
 * @param <T> the type
 */
public sealed interface JsonVerdict<T> {

	/**
	 * Let the message go on as it is.
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> forward() {
		return as(Verdict.forward());
	}

	/**
	 * Let other messages go on in place of this one: none, one or several. One that says
	 * the same as the message that came is no change: that message then goes on as it is.
	 * @param messages the messages
	 * @param <T> the type of the messages
	 * @return the verdict
	 */
	@SafeVarargs
	@SuppressWarnings("varargs")
	static <T> JsonVerdict<T> replace(T... messages) {
		return new Replace<>(List.of(messages));
	}

	/**
	 * Swallow the message.
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> drop() {
		return as(Verdict.drop());
	}

	/**
	 * Swallow the message and answer its sender.
	 * @param answer the answer, of any type that Jackson can write
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> reply(Object answer) {
		return new Reply<>(answer);
	}

	/**
	 * Swallow the message and close both legs with the same status.
	 * @param status the status
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> close(CloseStatus status) {
		return as(Verdict.close(status));
	}

	/**
	 * Decide later, as with {@link Verdict#later(Mono)}.
	 * @param verdict completes with the verdict, on any thread
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> later(Mono<JsonVerdict<T>> verdict) {
		return new Later<>(verdict.toFuture());
	}

	/**
	 * Decide later, as with {@link Verdict#later(CompletionStage)}.
	 * @param verdict completes with the verdict, on any thread
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> later(CompletionStage<JsonVerdict<T>> verdict) {
		return new Later<>(verdict);
	}

	/**
	 * Any other verdict.
	 * @param verdict the verdict
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> as(Verdict verdict) {
		return new Plain<>(verdict);
	}

	/**
	 * The verdict of {@link JsonVerdict#replace}.
	 *
	 * @param messages what goes on instead
	 * @param <T> the type of the messages
	 */
	record Replace<T>(List<T> messages) implements JsonVerdict<T> {

		public Replace {
			messages = List.copyOf(messages);
		}

	}

	/**
	 * The verdict of {@link JsonVerdict#reply}.
	 *
	 * @param answer what the sender is answered
	 * @param <T> the type of the message
	 */
	record Reply<T>(Object answer) implements JsonVerdict<T> {

	}

	/**
	 * The verdict of {@link JsonVerdict#later(CompletionStage)}.
	 *
	 * @param verdict completes with the verdict
	 * @param <T> the type of the message
	 */
	record Later<T>(CompletionStage<JsonVerdict<T>> verdict) implements JsonVerdict<T> {

	}

	/**
	 * A verdict that is the same for all types.
	 *
	 * @param verdict the verdict
	 * @param <T> the type of the message
	 */
	record Plain<T>(Verdict verdict) implements JsonVerdict<T> {

	}

}
