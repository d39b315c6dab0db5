package dev.wspolicy.test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.recording.RecordingEntry;
import dev.wspolicy.recording.RecordingEntry.Begin;
import dev.wspolicy.recording.RecordingEntry.Close;
import dev.wspolicy.recording.RecordingEntry.Dropped;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.recording.RecordingReader;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.redaction.Excerpt.Encoding;
import dev.wspolicy.redaction.Excerpt.Redacted;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

/**
 * Plays a recording through two pipelines.
 */
final class ReplayRun implements AutoCloseable {

	/** Longer payloads are not made up. */
	private static final long MAX_FILLER = 16 * 1024 * 1024;

	/** RFC 6455, section 5.5. */
	private static final int MAX_CONTROL = 125;

	private final ReplayLane baseline;

	private final ReplayLane candidate;

	/** The pipeline whose sessions are replayed, or null for all. */
	private final @Nullable String pipeline;

	private final boolean filler;

	private final ReplayTally tally;

	private final Map<String, ReplayedPair> sessions = new HashMap<>();

	private final ReplayClock clock = new ReplayClock();

	/** Whether fragments may be missing without notice. */
	private boolean sampled;

	private long line;

	ReplayRun(ReplayLane baseline, ReplayLane candidate, @Nullable String pipeline, boolean filler, ReplayTally tally) {
		this.baseline = baseline;
		this.candidate = candidate;
		this.pipeline = pipeline;
		this.filler = filler;
		this.tally = tally;
	}

	void play(RecordingReader reader) {
		for (RecordingEntry entry = reader.next(); entry != null; entry = reader.next()) {
			this.line = reader.line();
			play(entry);
		}
		if (reader.isCut()) {
			this.tally.missing(1);
		}
	}

	private void play(RecordingEntry entry) {
		if (entry instanceof Message message) {
			message(message);
		}
		else if (entry instanceof Open open) {
			open(open);
		}
		else if (entry instanceof Close close) {
			close(close);
		}
		else if (entry instanceof Dropped dropped) {
			this.tally.missing(dropped.count());
			this.sessions.values().forEach((session) -> this.tally.incomplete(session.forgetFragments()));
		}
		else if (entry instanceof Begin first) {
			// What was open before has not been recorded to its end.
			endAll();
			this.tally.begin(first);
			this.sampled = first.sample() < 1;
			advanceTo(this.clock.begin(first.time()));
		}
	}

	private void advanceTo(Duration elapsed) {
		this.baseline.advanceTo(elapsed);
		this.candidate.advanceTo(elapsed);
	}

	private void open(Open open) {
		if (this.sessions.containsKey(open.session())) {
			return;
		}
		this.tally.recordedIn(open.pipeline());
		advanceTo(this.clock.before(open.openedAt()));
		if (this.pipeline == null || this.pipeline.equals(open.pipeline())) {
			start(open.session(), open);
			if (Open.WITHHELD.equals(open.subprotocol())) {
				this.tally.withoutSubprotocol();
			}
		}
	}

	private ReplayedPair start(String id, @Nullable Open open) {
		ReplayedPair session = new ReplayedPair(this.baseline, this.candidate, id, open, this.tally);
		this.sessions.put(id, session);
		this.tally.session();
		return session;
	}

	private void message(Message recorded) {
		ReplayedPair session = this.sessions.get(recorded.session());
		if (session == null) {
			if (this.pipeline != null) {
				return;
			}
			session = start(recorded.session(), null);
		}
		Excerpt payload = recorded.payload();
		if (recorded.origin() == Origin.GATEWAY && recorded.type() == FrameType.PING && payload != null) {
			session.heartbeat(payload.text());
		}
		if (recorded.origin() != Origin.PEER || session.isHeartbeat(recorded)) {
			return;
		}
		advanceTo(this.clock.at(recorded.time()));
		boolean fragment = recorded.type() == FrameType.CONTINUATION || !recorded.fin();
		if (fragment && this.sampled) {
			this.tally.incomplete(recorded.fin() ? 1 : 0);
			return;
		}
		WireFrame frame = frame(recorded);
		boolean original = frame != null && isOriginal(recorded, frame);
		session.send(recorded, frame, original, this.line);
	}

	/**
	 * Returns the recorded frame, or null if its payload is missing or, in place of what
	 * has been redacted, too long for a control frame.
	 */
	private @Nullable WireFrame frame(Message recorded) {
		WireFrame frame = (recorded.type() == FrameType.CLOSE) ? close(recorded.payload()) : anyFrame(recorded);
		return (frame != null && frame.isControl() && frame.payload().length > MAX_CONTROL) ? null : frame;
	}

	private @Nullable WireFrame anyFrame(Message recorded) {
		Excerpt payload = recorded.payload();
		if (recorded.length() == 0) {
			return new WireFrame(recorded.type(), recorded.fin(), new byte[0]);
		}
		if (payload != null && !payload.truncated() && payload.redacted() != Redacted.ALL) {
			return new WireFrame(recorded.type(), recorded.fin(), bytes(payload));
		}
		return (this.filler && recorded.length() <= MAX_FILLER) ? filler(recorded) : null;
	}

	private static byte[] bytes(Excerpt payload) {
		return (payload.encoding() == Encoding.BASE64) ? Base64.getDecoder().decode(payload.text())
				: payload.text().getBytes(StandardCharsets.UTF_8);
	}

	private static WireFrame filler(Message recorded) {
		byte[] payload = new byte[(int) recorded.length()];
		Arrays.fill(payload, (byte) 'x');
		return new WireFrame(recorded.type(), recorded.fin(), payload);
	}

	/** Text that was not UTF-8 has not been recorded as it was. */
	private static boolean isOriginal(Message recorded, WireFrame frame) {
		Excerpt payload = recorded.payload();
		return recorded.type() == FrameType.CLOSE || recorded.length() == 0 || (payload != null && !payload.truncated()
				&& payload.redacted() == Redacted.NONE && frame.payload().length == recorded.length());
	}

	/** Reads a code, followed by a reason if there is one. */
	private static @Nullable WireFrame close(@Nullable Excerpt payload) {
		if (payload == null || payload.redacted() == Redacted.ALL) {
			return null;
		}
		String text = payload.text();
		if (text.isEmpty()) {
			return payload.truncated() ? null : WireFrame.close(CloseStatus.EMPTY.code(), "");
		}
		int end = text.indexOf(' ');
		try {
			return WireFrame.close(Integer.parseInt((end < 0) ? text : text.substring(0, end)),
					(end < 0) ? "" : text.substring(end + 1));
		}
		catch (NumberFormatException ex) {
			return WireFrame.close(CloseStatus.EMPTY.code(), "");
		}
	}

	private void close(Close close) {
		ReplayedPair session = this.sessions.remove(close.session());
		if (session == null) {
			return;
		}
		advanceTo(this.clock.at(close.time()));
		Side side = (close.initiator() == Initiator.CLIENT) ? Side.CLIENT : Side.UPSTREAM;
		if (close.initiator() != Initiator.GATEWAY && close.cause() == Cause.CLOSE_FRAME) {
			Integer code = (side == Side.CLIENT) ? close.fromClient() : close.fromUpstream();
			session.close(side, WireFrame.close((code != null) ? code : CloseStatus.EMPTY.code(), ""));
		}
		else if (close.initiator() != Initiator.GATEWAY && close.cause() == Cause.CONNECTION_LOST) {
			session.disconnect(side);
		}
		session.end(this.line, close.time());
	}

	private void endAll() {
		Deque<ReplayedPair> open = new ArrayDeque<>(this.sessions.values());
		this.sessions.clear();
		open.forEach((session) -> session.end(this.line, null));
	}

	/** Ends the sessions that the recording leaves open. */
	@Override
	public void close() {
		endAll();
	}

}
