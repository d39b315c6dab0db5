package dev.wspolicy.test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.recording.RecordingEntry.Begin;
import dev.wspolicy.test.ReplayReport.Difference;
import dev.wspolicy.test.ReplayReport.Example;

/**
 * Counts what a replay finds, and keeps a bounded number of examples.
 */
final class ReplayTally {

	/** The number of differences that are told apart. */
	private static final int MAX_DIFFERENCES = 100;

	/** The number of names of recorded pipelines that are told. */
	private static final int MAX_PIPELINES = 20;

	/** The number of examples of each difference. */
	private static final int MAX_EXAMPLES = 3;

	private final String recording;

	private final Map<Key, Group> groups = new LinkedHashMap<>();

	private final Set<String> pipelines = new TreeSet<>();

	private final Map<Direction, Long> different = new EnumMap<>(Direction.class);

	private long sessions;

	private long messages;

	private long redacted;

	private long redactedDifferent;

	private long sessionsDifferent;

	private long others;

	private long notReached;

	private long withoutPayload;

	private long incomplete;

	private long missing;

	private long withoutSubprotocol;

	private double sample = 1;

	ReplayTally(String recording) {
		this.recording = recording;
	}

	void begin(Begin begin) {
		this.sample = Math.min(this.sample, begin.sample());
	}

	void session() {
		this.sessions++;
	}

	/** A session has been recorded in a pipeline, whether it is replayed or not. */
	void recordedIn(String pipeline) {
		if (this.pipelines.size() < MAX_PIPELINES) {
			this.pipelines.add(pipeline);
		}
	}

	void withoutSubprotocol() {
		this.withoutSubprotocol++;
	}

	void compared(ReplayedUnit before, ReplayedUnit after) {
		ReplayedMessage message = before.message();
		this.messages++;
		this.redacted += message.original() ? 0 : 1;
		if (ReplayedUnit.isSame(before, after)) {
			return;
		}
		this.redactedDifferent += message.original() ? 0 : 1;
		this.different.merge(message.direction(), 1L, Long::sum);
		add(message.direction(), Objects.requireNonNull(before.treatment()), Objects.requireNonNull(after.treatment()),
				() -> new Example(message.line(), message.session(), message.time(), message.whole().describe(),
						!message.original(), before.made(), after.made()));
	}

	void ended(long line, String session, Treatment before, Treatment after, @Nullable Instant time) {
		this.sessionsDifferent++;
		add(null, before, after, () -> new Example(line, session, time, "", false, null, null));
	}

	private void add(@Nullable Direction direction, Treatment before, Treatment after, Supplier<Example> example) {
		Key key = new Key(direction, before, after);
		Group group = this.groups.get(key);
		if (group == null) {
			if (this.groups.size() == MAX_DIFFERENCES) {
				this.others++;
				return;
			}
			group = new Group();
			this.groups.put(key, group);
		}
		group.count++;
		if (group.examples.size() < MAX_EXAMPLES) {
			group.examples.add(example.get());
		}
	}

	/** A message came after one of the pipelines had closed the session. */
	void notReached() {
		this.notReached++;
	}

	void withoutPayload() {
		this.withoutPayload++;
	}

	void incomplete(int messages) {
		this.incomplete += messages;
	}

	/** Lines are missing in the recording. */
	void missing(long lines) {
		this.missing += lines;
	}

	ReplayReport report() {
		List<Difference> differences = new ArrayList<>();
		this.groups.forEach((key, group) -> differences
			.add(new Difference(key.direction(), key.before(), key.after(), group.count, List.copyOf(group.examples))));
		return new ReplayReport(this.recording, this.sessions, this.messages, this.redacted, Map.copyOf(this.different),
				this.redactedDifferent, this.sessionsDifferent, List.copyOf(differences), this.others, this.notReached,
				this.withoutPayload, this.incomplete, this.missing, this.withoutSubprotocol, this.sample,
				Set.copyOf(this.pipelines));
	}

	private record Key(@Nullable Direction direction, Treatment before, Treatment after) {

	}

	private static final class Group {

		private long count;

		private final List<Example> examples = new ArrayList<>();

	}

}
