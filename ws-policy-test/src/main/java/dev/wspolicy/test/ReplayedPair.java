package dev.wspolicy.test;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.session.Side;

/**
 * A recorded session in both pipelines.
 */
final class ReplayedPair {

	/** A gateway pings each side with a payload of its own. */
	private static final int MAX_HEARTBEATS = 8;

	private final ReplayLane baseline;

	private final ReplayLane candidate;

	private final ReplayTally tally;

	private final String id;

	private final ReplayedSession before;

	private final ReplayedSession after;

	/** Messages whose outcome in one of the pipelines is not known. */
	private final Deque<Units> waiting = new ArrayDeque<>();

	/** The fragments of messages that are not complete. */
	private final Map<Direction, Fragments> fragments = new EnumMap<>(Direction.class);

	/** The payloads of the pings of the gateway that was recorded. */
	private final Set<String> heartbeats = new HashSet<>();

	ReplayedPair(ReplayLane baseline, ReplayLane candidate, String id, @Nullable Open open, ReplayTally tally) {
		this.id = id;
		this.baseline = baseline;
		this.candidate = candidate;
		this.tally = tally;
		this.before = baseline.open(open);
		this.after = candidate.open(open);
		for (Direction direction : Direction.values()) {
			this.fragments.put(direction, new Fragments());
		}
	}

	void heartbeat(String payload) {
		if (this.heartbeats.size() < MAX_HEARTBEATS) {
			this.heartbeats.add(payload);
		}
	}

	/** Whether a frame answers a ping of the gateway that was recorded. */
	boolean isHeartbeat(Message recorded) {
		return recorded.type() == FrameType.PONG && recorded.payload() != null
				&& this.heartbeats.contains(recorded.payload().text());
	}

	/**
	 * Sends a frame, or keeps it until its message is complete: the recording may not
	 * have the rest.
	 * @param frame the frame, or {@code null} if its payload is missing
	 */
	void send(Message recorded, @Nullable WireFrame frame, boolean original, long line) {
		Fragments open = Objects.requireNonNull(this.fragments.get(recorded.direction()));
		List<WireFrame> whole;
		if (recorded.type().isControl()) {
			whole = (frame != null) ? List.of(frame) : List.of();
		}
		else {
			if (recorded.type() != FrameType.CONTINUATION) {
				this.tally.incomplete(open.begin());
			}
			else if (!open.isOpen()) {
				// The recording began within the message.
				if (recorded.fin()) {
					this.tally.incomplete(1);
				}
				return;
			}
			open.add(frame, original);
			if (!recorded.fin()) {
				return;
			}
			original = open.isOriginal();
			whole = open.take();
		}
		if (whole.isEmpty()) {
			this.tally.withoutPayload();
			return;
		}
		send(new ReplayedMessage(line, recorded.session(), recorded.direction(), recorded.time(), whole, original));
	}

	private void send(ReplayedMessage message) {
		ReplayedUnit first = this.before.send(message);
		this.baseline.step(this.before);
		ReplayedUnit second = this.after.send(message);
		this.candidate.step(this.after);
		if (first != null && second != null) {
			this.waiting.add(new Units(first, second));
		}
		else if (message.type() != FrameType.CLOSE) {
			this.tally.notReached();
		}
		compare();
	}

	private void compare() {
		for (Units units = this.waiting.peek(); units != null && units.areKnown(); units = this.waiting.peek()) {
			this.waiting.poll();
			this.tally.compared(units.before(), units.after());
		}
	}

	void close(Side side, WireFrame close) {
		this.before.close(side, close);
		this.baseline.step(this.before);
		this.after.close(side, close);
		this.candidate.step(this.after);
	}

	void disconnect(Side side) {
		this.before.disconnect(side);
		this.baseline.step(this.before);
		this.after.disconnect(side);
		this.candidate.step(this.after);
	}

	/** Returns the number of messages that will never be complete. */
	int forgetFragments() {
		return this.fragments.values().stream().mapToInt(Fragments::begin).sum();
	}

	/**
	 * The recording says no more about this session.
	 * @param line the line that ends it
	 * @param time when it ended, or {@code null} if it was open
	 */
	void end(long line, @Nullable Instant time) {
		this.tally.incomplete(this.fragments.values().stream().mapToInt(Fragments::cut).sum());
		this.baseline.end(this.before);
		this.candidate.end(this.after);
		compare();
		boolean known = this.before.isClosedByMessage() || this.after.isClosedByMessage();
		if (!known && !ReplayedUnit.isSame(this.before.end(), this.after.end())) {
			this.tally.ended(line, this.id, this.before.end(), this.after.end(), time);
		}
	}

	private record Units(ReplayedUnit before, ReplayedUnit after) {

		boolean areKnown() {
			return this.before.treatment() != null && this.after.treatment() != null;
		}

	}

	/**
	 * The fragments of a message so far.
	 */
	private static final class Fragments {

		private final List<WireFrame> frames = new ArrayList<>();

		private boolean open;

		private boolean missing;

		private boolean original = true;

		/** Returns 1 if a message is given up, and 0 otherwise. */
		int begin() {
			int cut = cut();
			this.open = false;
			return cut;
		}

		int cut() {
			return this.open ? 1 : 0;
		}

		boolean isOpen() {
			return this.open;
		}

		void add(@Nullable WireFrame frame, boolean original) {
			if (!this.open) {
				this.frames.clear();
				this.missing = false;
				this.original = true;
				this.open = true;
			}
			this.missing |= frame == null;
			this.original &= original;
			if (frame != null && !this.missing) {
				this.frames.add(frame);
			}
		}

		boolean isOriginal() {
			return this.original;
		}

		/** Returns the message, or an empty list if a payload is missing. */
		List<WireFrame> take() {
			List<WireFrame> taken = this.missing ? List.of() : List.copyOf(this.frames);
			this.frames.clear();
			this.open = false;
			return taken;
		}

	}

}
