package dev.wspolicy.recording;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The recordings of an application, by their files. Closing it ends them. All methods are
 * safe from any thread.
 */
public final class Recordings implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Recordings.class);

	/** How long to wait for a disk that does not answer. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final Predicate<String> knownSubprotocols;

	private final Supplier<Scheduler> writer;

	/**
	 * An ended recording stays, because it does not begin again. Guarded by this.
	 */
	private final Map<Path, RecordingFile> files = new HashMap<>();

	private boolean closed;

	/**
	 * Creates an instance without recordings.
	 * @param knownSubprotocols tells subprotocols from tokens, which are not recorded
	 */
	public Recordings(Predicate<String> knownSubprotocols) {
		this(knownSubprotocols, () -> Writer.SCHEDULER);
	}

	Recordings(Predicate<String> knownSubprotocols, Supplier<Scheduler> writer) {
		this.knownSubprotocols = knownSubprotocols;
		this.writer = writer;
	}

	/**
	 * Returns the recording in a file, which all who name the same file share. Another
	 * recording in that file, with other limits, ends.
	 * @param file the file; lines are added if it exists
	 * @param limits the limits
	 * @param source what makes the recording
	 * @param sample the fraction of messages that is recorded
	 * @return the recording
	 */
	public synchronized RecordingFile in(Path file, RecordingLimits limits, String source, double sample) {
		Path path = file.toAbsolutePath().normalize();
		RecordingFile current = this.files.get(path);
		if (current != null && current.isLike(limits, sample)) {
			return current;
		}
		if (current != null) {
			if (current.isRecording()) {
				logger.warn("The recording in " + path + " ends, because one with other limits begins in the same file."
						+ " Policies that record in the same file need the same max-size, max-duration and sample.");
			}
			current.end("replaced");
		}
		RecordingFile recording = new RecordingFile(path, limits, source, sample, this.knownSubprotocols,
				this.writer.get());
		this.files.put(path, recording);
		if (this.closed) {
			recording.end("shutdown");
		}
		return recording;
	}

	/**
	 * Ends all recordings, and waits until what has been recorded so far is written. If
	 * that takes more than a few seconds, a warning is logged.
	 */
	@Override
	public void close() {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		for (RecordingFile recording : end()) {
			if (!recording.awaitEnd(Duration.ofNanos(deadline - System.nanoTime()))) {
				logger.warn("The end of the recording in " + recording + " has not been written in time");
			}
		}
	}

	private synchronized List<RecordingFile> end() {
		this.closed = true;
		this.files.values().forEach((recording) -> recording.end("shutdown"));
		return List.copyOf(this.files.values());
	}

	/**
	 * Serves the recordings of all applications. There are no threads before the first
	 * recording, and the one that writes ends if there is nothing to write.
	 */
	private static final class Writer {

		static final Scheduler SCHEDULER = Schedulers.newBoundedElastic(1, Schedulers.DEFAULT_BOUNDED_ELASTIC_QUEUESIZE,
				"ws-policy-recording", 60, true);

	}

}
