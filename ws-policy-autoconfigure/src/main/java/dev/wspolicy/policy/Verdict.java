package dev.wspolicy.policy;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;

/**
 * What a policy wants done with a frame. Immutable; may be kept in constants.
 */
public sealed interface Verdict {

	/**
	 * Let the frame go on as it is, to the next policy or to its destination. Copies
	 * nothing: what goes on are the bytes that came.
	 * @return the verdict
	 */
	static Verdict forward() {
		return Forward.INSTANCE;
	}

	/**
	 * Let other frames go on in place of this one: none, one or several. The policies
	 * that follow see each of them. A fragment, which only policies of
	 * {@link Granularity#FRAME} meet, can be replaced by exactly one data frame, whose
	 * payload then takes its place. A close frame can be replaced by a close frame only.
	 * @param frames the frames
	 * @return the verdict
	 */
	static Verdict replace(Frame... frames) {
		return new Replace(List.of(frames));
	}

	/**
	 * Let a text message go on in place of this frame.
	 * @param text the text
	 * @return the verdict
	 */
	static Verdict replaceText(String text) {
		return replace(TextFrame.of(text));
	}

	/**
	 * Swallow the frame. A close frame cannot be dropped.
	 * @return the verdict
	 */
	static Verdict drop() {
		return Drop.INSTANCE;
	}

	/**
	 * Swallow the frame and answer its sender. The answers pass no policy.
	 * @param frames whole messages or control frames, no close frame
	 * @return the verdict
	 */
	static Verdict reply(Frame... frames) {
		return new Reply(List.of(frames));
	}

	/**
	 * Swallow the frame and answer its sender with a text message.
	 * @param text the text
	 * @return the verdict
	 */
	static Verdict replyText(String text) {
		return reply(TextFrame.of(text));
	}

	/**
	 * Swallow the frame and close both legs with the same status.
	 * @param status the status
	 * @return the verdict
	 */
	static Verdict close(CloseStatus status) {
		return new Close(status, status);
	}

	/**
	 * Swallow the frame and close both legs.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @return the verdict
	 */
	static Verdict close(CloseStatus toClient, CloseStatus toUpstream) {
		return new Close(toClient, toUpstream);
	}

	/**
	 * Decide later. The direction of the frame waits, in order, for at most
	 * {@code verdict-timeout}; the other one does not.
	 * @param verdict completes with the verdict, on any thread; completing empty counts
	 * as {@code null}
	 * @return the verdict
	 */
	static Verdict later(Mono<Verdict> verdict) {
		return new Later(verdict.toFuture());
	}

	/**
	 * Decide later. The direction of the frame waits, in order, for at most
	 * {@code verdict-timeout}; the other one does not.
	 * @param verdict completes with the verdict, on any thread
	 * @return the verdict
	 */
	static Verdict later(CompletionStage<Verdict> verdict) {
		return new Later(verdict);
	}

	/**
	 * The verdict of {@link Verdict#forward()}.
	 */
	enum Forward implements Verdict {

		/**
		 * The only one.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link Verdict#drop()}.
	 */
	enum Drop implements Verdict {

		/**
		 * The only one.
		 */
		INSTANCE

	}

	/**
	 * The verdict of {@link Verdict#replace(Frame...)}.
	 *
	 * @param frames what goes on instead
	 */
	record Replace(List<Frame> frames) implements Verdict {

		public Replace {
			frames = List.copyOf(frames);
		}

	}

	/**
	 * The verdict of {@link Verdict#reply(Frame...)}.
	 *
	 * @param frames what the sender is answered
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
			Objects.requireNonNull(toClient, "toClient");
			Objects.requireNonNull(toUpstream, "toUpstream");
		}

	}

	/**
	 * The verdict of {@link Verdict#later(CompletionStage)}.
	 *
	 * @param verdict completes with the verdict
	 */
	record Later(CompletionStage<Verdict> verdict) implements Verdict {

	}

}
