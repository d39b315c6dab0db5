package dev.wspolicy.test;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;

/**
 * Which messages of a recording two pipelines have treated differently. Messages are
 * treated alike if the same frames are sent to the same peers, or the session is closed
 * with the same codes, whichever policy decided. {@link #toString()} is meant to be read.
 * Immutable.
 */
public final class ReplayReport {

	private final String recording;

	private final long sessions;

	private final long messages;

	private final long redacted;

	private final Map<Direction, Long> different;

	private final long redactedDifferent;

	private final long sessionsDifferent;

	private final List<Difference> differences;

	private final long others;

	private final long notReached;

	private final long withoutPayload;

	private final long incomplete;

	private final long missing;

	private final long withoutSubprotocol;

	private final double sample;

	private final Set<String> pipelines;

	ReplayReport(String recording, long sessions, long messages, long redacted, Map<Direction, Long> different,
			long redactedDifferent, long sessionsDifferent, List<Difference> differences, long others, long notReached,
			long withoutPayload, long incomplete, long missing, long withoutSubprotocol, double sample,
			Set<String> pipelines) {
		this.recording = recording;
		this.sessions = sessions;
		this.messages = messages;
		this.redacted = redacted;
		this.different = different;
		this.redactedDifferent = redactedDifferent;
		this.sessionsDifferent = sessionsDifferent;
		this.differences = differences;
		this.others = others;
		this.notReached = notReached;
		this.withoutPayload = withoutPayload;
		this.incomplete = incomplete;
		this.missing = missing;
		this.withoutSubprotocol = withoutSubprotocol;
		this.sample = sample;
		this.pipelines = pipelines;
	}

	/**
	 * Returns how many sessions have been replayed.
	 * @return the number
	 */
	public long sessions() {
		return this.sessions;
	}

	/**
	 * Returns how many messages and control frames have been compared.
	 * @return the number
	 */
	public long messages() {
		return this.messages;
	}

	/**
	 * Returns how many of the compared messages have been treated differently.
	 * @return the number
	 */
	public long different() {
		return this.different.values().stream().mapToLong(Long::longValue).sum();
	}

	/**
	 * Returns how many of the compared messages of a direction have been treated
	 * differently.
	 * @param direction the direction
	 * @return the number
	 */
	public long different(Direction direction) {
		return this.different.getOrDefault(direction, 0L);
	}

	/**
	 * Returns how many sessions have ended differently for another reason than a message:
	 * a timer, for example.
	 * @return the number
	 */
	public long sessionsDifferent() {
		return this.sessionsDifferent;
	}

	/**
	 * Returns the differences, by direction and treatment, in the order of their first
	 * examples. Up to 100 are told apart.
	 * @return the differences
	 */
	public List<Difference> differences() {
		return this.differences;
	}

	/**
	 * Returns how many of the compared messages were redacted in part. They have been
	 * replayed with what replaced their values, so policies may treat the real messages
	 * otherwise.
	 * @return the number
	 */
	public long redacted() {
		return this.redacted;
	}

	/**
	 * Returns how many messages have been skipped because their payload is missing: it
	 * was withheld, truncated or not recorded.
	 * @return the number
	 */
	public long withoutPayload() {
		return this.withoutPayload;
	}

	/**
	 * Returns how many messages have been skipped because fragments of them are missing.
	 * @return the number
	 */
	public long incomplete() {
		return this.incomplete;
	}

	/**
	 * Returns how many messages could not be compared because one of the pipelines had
	 * closed the session before.
	 * @return the number
	 */
	public long notReached() {
		return this.notReached;
	}

	/**
	 * Returns how many lines are missing in the recording, because there was too much
	 * traffic to record all of it, or because the file ends within a line.
	 * @return the number
	 */
	public long missing() {
		return this.missing;
	}

	/**
	 * Returns how many sessions have been replayed without their subprotocol, which is
	 * withheld because it may be a token.
	 * @return the number
	 */
	public long withoutSubprotocol() {
		return this.withoutSubprotocol;
	}

	/** Returns the names of the pipelines that have been recorded. */
	Set<String> pipelines() {
		return this.pipelines;
	}

	/** Returns the report as text. */
	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		text.append(String.format(Locale.ROOT, "%s: %,d messages of %,d sessions compared, %,d treated differently",
				this.recording, this.messages, this.sessions, different()));
		text.append((this.sessionsDifferent > 0)
				? String.format(Locale.ROOT, ", %,d sessions ended differently%n", this.sessionsDifferent)
				: System.lineSeparator());
		for (Difference difference : this.differences) {
			text.append(difference);
		}
		note(text, this.others, "further differences of other kinds");
		note(text, this.notReached, "messages not compared: a pipeline had closed the session before");
		note(text, this.withoutPayload, "messages skipped: their payload is withheld, truncated or not recorded");
		note(text, this.incomplete, "messages skipped: fragments of them are missing");
		note(text, this.missing, "lines are missing in the recording");
		note(text, this.withoutSubprotocol, "sessions replayed without their subprotocol, which is withheld");
		note(text, this.redacted, "messages replayed with redacted or made up values, " + this.redactedDifferent
				+ " of them treated differently");
		if (this.sample < 1) {
			text.append("  The recording is a sample of ").append(this.sample).append(" of the messages.\n");
		}
		return text.toString();
	}

	private static void note(StringBuilder text, long count, String what) {
		if (count > 0) {
			text.append(String.format(Locale.ROOT, "  %,d %s%n", count, what));
		}
	}

	/**
	 * Messages of a direction that the first pipeline has treated in one way and the
	 * second one in another.
	 *
	 * @param direction the direction, or {@code null} for sessions that have ended
	 * without a message
	 * @param before what the first pipeline has made of them
	 * @param after what the second pipeline has made of them
	 * @param count the number of messages
	 * @param examples the first of them, at most three
	 */
	public record Difference(@Nullable Direction direction, Treatment before, Treatment after, long count,
			List<Example> examples) {

		/** Returns the difference with its examples, in lines. */
		@Override
		public String toString() {
			String of = (this.direction != null) ? this.direction.name().toLowerCase(Locale.ROOT) : "session";
			StringBuilder text = new StringBuilder(
					String.format(Locale.ROOT, "  %-8s %,8d  %s -> %s%n", of, this.count, this.before, this.after));
			this.examples.forEach((example) -> text.append("      ").append(example).append('\n'));
			return text.toString();
		}

	}

	/**
	 * A message, or a session that has ended without one.
	 *
	 * @param line the line of the recording
	 * @param session the id of the session
	 * @param time when the message had arrived, or {@code null} if that is unknown
	 * @param message the type and the beginning of the payload; empty for a session
	 * @param redacted whether the payload is not the real one
	 * @param before what the first pipeline has sent instead, or {@code null}
	 * @param after what the second pipeline has sent instead, or {@code null}
	 */
	public record Example(long line, String session, @Nullable Instant time, String message, boolean redacted,
			@Nullable String before, @Nullable String after) {

		/** Returns the example in a line. */
		@Override
		public String toString() {
			StringBuilder text = new StringBuilder("line " + this.line + ", session " + Escapes.of(this.session));
			text.append(this.message.isEmpty() ? "" : ": " + Escapes.of(this.message));
			text.append(this.redacted ? " (redacted)" : "");
			if (this.before != null || this.after != null) {
				text.append(" -> ")
					.append((this.before != null) ? Escapes.of(this.before) : "as before")
					.append(" / ")
					.append((this.after != null) ? Escapes.of(this.after) : "as before");
			}
			return text.toString();
		}

	}

}
