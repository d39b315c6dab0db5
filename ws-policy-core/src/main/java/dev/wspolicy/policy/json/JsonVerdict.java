package dev.wspolicy.policy.json;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.Verdict;

/**
 * What a {@link JsonMessagePolicy} decides about a message.
 *
 * @param <T> the type of the messages
 */
public sealed interface JsonVerdict<T> {

	/**
	 * Forwards the message unchanged.
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> forward() {
		return as(Verdict.forward());
	}

	/**
	 * Sends other messages on in place of this one: none, one or several. If there is one
	 * and it equals the original as JSON, the original is forwarded unchanged.
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
	 * Drops the message.
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> drop() {
		return as(Verdict.drop());
	}

	/**
	 * Drops the message and answers its sender.
	 * @param answer the answer, of any type that Jackson can write
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> reply(Object answer) {
		return new Reply<>(answer);
	}

	/**
	 * Drops the message and closes both legs with the same status.
	 * @param status the status
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> close(CloseStatus status) {
		return as(Verdict.close(status));
	}

	/**
	 * Drops the message and closes both legs: the sender gets the status, the other side
	 * {@linkplain CloseStatus#GOING_AWAY 1001}.
	 * @param status the status for the sender
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> closeSender(CloseStatus status) {
		return as(Verdict.closeSender(status));
	}

	/**
	 * Decides later, as with {@link Verdict#later(Mono)}.
	 * @param verdict completes with the verdict, on any thread
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> later(Mono<JsonVerdict<T>> verdict) {
		CompletableFuture<JsonVerdict<T>> future = verdict.toFuture();
		return new Later<>(future, () -> future.cancel(false));
	}

	/**
	 * Decides later, as with {@link Verdict#later(CompletionStage)}.
	 * @param verdict completes with the verdict, on any thread
	 * @param <T> the type of the message
	 * @return the verdict
	 */
	static <T> JsonVerdict<T> later(CompletionStage<JsonVerdict<T>> verdict) {
		return new Later<>(verdict, () -> {
		});
	}

	/**
	 * Returns a verdict that does not depend on the type of the message.
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
	 * @param messages the messages to send on
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
	 * @param answer the answer to the sender
	 * @param <T> the type of the message
	 */
	record Reply<T>(Object answer) implements JsonVerdict<T> {

	}

	/**
	 * The verdict of {@link JsonVerdict#later(Mono)} and
	 * {@link JsonVerdict#later(CompletionStage)}.
	 *
	 * @param verdict completes with the verdict
	 * @param cancellation called if the verdict is no longer awaited
	 * @param <T> the type of the message
	 */
	record Later<T>(CompletionStage<JsonVerdict<T>> verdict, Runnable cancellation) implements JsonVerdict<T> {

	}

	/**
	 * The verdict of {@link JsonVerdict#as}.
	 *
	 * @param verdict the verdict
	 * @param <T> the type of the message
	 */
	record Plain<T>(Verdict verdict) implements JsonVerdict<T> {

	}

}
