package dev.wspolicy.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What has happened in a session so far: the frames of both peers, the verdicts of the
 * policies, and the end of the session. Safe from any thread.
 */
public final class Transcript {

	private final Supplier<Duration> clock;

	private final List<Entry> entries = new ArrayList<>();

	Transcript(Supplier<Duration> clock) {
		this.clock = clock;
	}

	/** Adds what a peer has sent or received, or what has become of the session. */
	synchronized void add(String line) {
		this.entries.add(new Entry(this.clock.get(), line, true));
	}

	/** Adds what a policy has done. */
	synchronized void addDetail(String line) {
		this.entries.add(new Entry(this.clock.get(), line, false));
	}

	/**
	 * Returns what the peers have sent and received, and how the session has ended, in
	 * order. The lines look like {@code client sends text "hello"} and
	 * {@code upstream gets close 1001}.
	 * @return the lines, without times and without the verdicts of policies
	 */
	public synchronized List<String> lines() {
		return this.entries.stream().filter(Entry::onTheWire).map(Entry::line).toList();
	}

	String appendix() {
		return "\n\nTranscript:\n" + this;
	}

	/**
	 * Returns the whole transcript, with the virtual time of each line since the session
	 * was opened.
	 */
	@Override
	public synchronized String toString() {
		StringBuilder text = new StringBuilder();
		for (Entry entry : this.entries) {
			text.append(String.format(Locale.ROOT, "%8.3fs  ", entry.time().toMillis() / 1000.0))
				.append(entry.onTheWire() ? "" : "    ")
				.append(entry.line())
				.append('\n');
		}
		return text.isEmpty() ? "(nothing)\n" : text.toString();
	}

	private record Entry(Duration time, String line, boolean onTheWire) {

	}

}
