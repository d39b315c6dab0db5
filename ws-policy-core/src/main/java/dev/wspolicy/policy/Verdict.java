package dev.wspolicy.policy;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;

/**
 * What a policy decides about a frame. Verdicts are immutable, can be kept in constants,
 * and compare by value; those that come {@linkplain #later(Mono) later} are equal only if
 * they wait for the same {@code CompletionStage}.
 */
public sealed interface Verdict {

	/**
	 * Forwards the frame unchanged, to the next policy or to its destination. Copies
	 * nothing: the bytes are written as they came.
	 * @return the verdict
	 */
	static Verdict forward() {
		return Forward.INSTANCE;
	}

	/**
	 * Sends other frames on in place of this one: none, one or several. The policies that
	 * follow see each of them. A fragment, which only policies of
	 * {@link Granularity#FRAME} see, can be replaced by exactly one data frame, whose
	 * payload then takes its place. A close frame can be replaced by one close frame
	 * only.
	 * @param frames the frames
	 * @return the verdict
	 */
	static Verdict replace(Frame... frames) {
		return new Replace(List.of(frames));
	}

	/**
	 * Sends a text message on in place of this frame.
	 * @param text the text
	 * @return the verdict
	 */
	static Verdict replaceText(String text) {
		return replace(TextFrame.of(text));
	}

	/**
	 * Drops the frame. A close frame cannot be dropped.
	 * @return the verdict
	 */
	static Verdict drop() {
		return Drop.INSTANCE;
	}

	/**
	 * Drops the frame and answers its sender. No policy sees the answers.
	 * @param frames whole messages, pings or pongs
	 * @return the verdict
	 */
	static Verdict reply(Frame... frames) {
		return new Reply(List.of(frames));
	}

	/**
	 * Drops the frame and answers its sender with a text message.
	 * @param text the text
	 * @return the verdict
	 */
	static Verdict replyText(String text) {
		return reply(TextFrame.of(text));
	}

	/**
	 * Drops the frame and closes both legs with the same status.
	 * @param status the status
	 * @return the verdict
	 * @throws IllegalArgumentException if a close frame cannot carry the status
	 */
	static Verdict close(CloseStatus status) {
		return new Close(status, status);
	}

	/**
	 * Drops the frame and closes both legs, each with its own status.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @return the verdict
	 * @throws IllegalArgumentException if a close frame cannot carry one of them
	 */
	static Verdict close(CloseStatus toClient, CloseStatus toUpstream) {
		return new Close(toClient, toUpstream);
	}

	/**
	 * Drops the frame and closes both legs: the side that sent the frame gets the status,
	 * the other side gets {@linkplain CloseStatus#GOING_AWAY 1001}.
	 * @param status the status for the sender
	 * @return the verdict
	 * @throws IllegalArgumentException if a close frame cannot carry the status
	 */
	static Verdict closeSender(CloseStatus status) {
		return new CloseSender(status);
	}

	/**
	 * Decides later. The frame's direction waits, in order, for at most
	 * {@code verdict-timeout}; the other direction does not. The subscription is
	 * cancelled if that time passes, or if the session ends before.
	 * @param verdict completes with the verdict, on any thread; completing empty counts
	 * as {@code null}
	 * @return the verdict
	 */
	static Verdict later(Mono<Verdict> verdict) {
		CompletableFuture<Verdict> future = verdict.toFuture();
		return new Later(future, () -> future.cancel(false));
	}

	/**
	 * Decides later. The frame's direction waits, in order, for at most
	 * {@code verdict-timeout}; the other direction does not. The stage is never
	 * cancelled, since others may wait for it too.
	 * @param verdict completes with the verdict, on any thread
	 * @return the verdict
	 */
	static Verdict later(CompletionStage<Verdict> verdict) {
		return new Later(verdict, () -> {
		});
	}

	/**
	 * The verdict of {@link Verdict#forward()}.
	 */
	enum Forward implements Verdict {

		/**
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link Verdict#drop()}.
	 */
	enum Drop implements Verdict {

		/**
		 * The only instance.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link Verdict#replace(Frame...)}.
	 *
	 * @param frames the frames to send on
	 */
	record Replace(List<Frame> frames) implements Verdict {

		public Replace {
			frames = List.copyOf(frames);
		}

	}

	/**
	 * The verdict of {@link Verdict#reply(Frame...)}.
	 *
	 * @param frames the frames to send back
	 */
	record Reply(List<Frame> frames) implements Verdict {

		public Reply {
			frames = List.copyOf(frames);
		}

	}

	/**
	 * The verdict of {@link Verdict#close(CloseStatus, CloseStatus)}.
	 *
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 */
	record Close(CloseStatus toClient, CloseStatus toUpstream) implements Verdict {

		public Close {
			Objects.requireNonNull(toClient, "toClient").requireValid();
			Objects.requireNonNull(toUpstream, "toUpstream").requireValid();
		}

	}

	/**
	 * The verdict of {@link Verdict#closeSender(CloseStatus)}.
	 *
	 * @param status the status for the side that sent the frame
	 */
	record CloseSender(CloseStatus status) implements Verdict {

		public CloseSender {
			Objects.requireNonNull(status, "status").requireValid();
		}

		/**
		 * Returns the verdict with the status of each side.
		 * @param direction the direction in which the frame travels
		 * @return the verdict
		 */
		public Close in(Direction direction) {
			return (direction == Direction.INBOUND) ? new Close(this.status, CloseStatus.GOING_AWAY)
					: new Close(CloseStatus.GOING_AWAY, this.status);
		}

	}

	/**
	 * The verdict of {@link Verdict#later(Mono)} and
	 * {@link Verdict#later(CompletionStage)}.
	 *
	 * @param verdict completes with the verdict
	 * @param cancellation called if the verdict is no longer awaited
	 */
	record Later(CompletionStage<Verdict> verdict, Runnable cancellation) implements Verdict {

		/** The cancellations of the same stage need not be equal. */
		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Later that && this.verdict == that.verdict;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this.verdict);
		}

	}

}
