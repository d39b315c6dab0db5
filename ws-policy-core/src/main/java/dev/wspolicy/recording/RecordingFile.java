package dev.wspolicy.recording;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.recording.RecordingEntry.Begin;
import dev.wspolicy.recording.RecordingEntry.Close;
import dev.wspolicy.recording.RecordingEntry.Dropped;
import dev.wspolicy.recording.RecordingEntry.End;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingEntry.Open;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Termination;

/**
 * A recording in a file. Entries wait in a bounded queue for the thread that writes them;
 * what does not fit is counted, and the recording says so. The recording begins with the
 * first session and ends for good when it reaches a limit or cannot be written. All
 * methods are safe from any thread, and none of them waits.
 */
public final class RecordingFile {

	/**
	 * The attribute of the {@linkplain dev.wspolicy.session.UpgradeContext#attributes()
	 * upgrade} of sessions that are a replay, and are not recorded again.
	 */
	public static final String REPLAYED = "dev.wspolicy.replayed";

	private static final Log logger = LogFactory.getLog(RecordingFile.class);

	/** The maximum number of entries in the queue. */
	static final int MAX_WAITING = 8192;

	/** The maximum number of characters of payloads in the queue. */
	static final int MAX_WAITING_CHARS = 8 * 1024 * 1024;

	/** Serves all recordings. Its thread ends if there is nothing to write. */
	private static final Scheduler WRITER = Schedulers.newBoundedElastic(1,
			Schedulers.DEFAULT_BOUNDED_ELASTIC_QUEUESIZE, "ws-policy-recording", 60, true);

	private static final ConcurrentMap<Path, RecordingFile> FILES = new ConcurrentHashMap<>();

	private final Path file;

	private final RecordingLimits limits;

	private final String source;

	private final double sample;

	private final Scheduler writer;

	private final Queue<RecordingEntry> waiting = new ConcurrentLinkedQueue<>();

	private final AtomicInteger waitingEntries = new AtomicInteger();

	private final AtomicLong waitingChars = new AtomicLong();

	private final AtomicLong dropped = new AtomicLong();

	private final AtomicBoolean scheduled = new AtomicBoolean();

	private final AtomicBoolean begun = new AtomicBoolean();

	/** The sessions whose opening has been recorded, and whose end has not. */
	private final Set<String> sessions = ConcurrentHashMap.newKeySet();

	private volatile boolean recording = true;

	private volatile @Nullable String endReason;

	/** Confined to the writer, as is the field below. */
	private @Nullable LimitedFile output;

	private boolean over;

	RecordingFile(Path file, RecordingLimits limits, String source, double sample, Scheduler writer) {
		this.file = file;
		this.limits = limits;
		this.source = source;
		this.sample = sample;
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
	public static RecordingFile of(Path file, RecordingLimits limits, String source, double sample) {
		Path path = file.toAbsolutePath().normalize();
		RecordingFile recording = FILES.compute(path, (key, current) -> {
			if (current != null && current.limits.equals(limits) && current.sample == sample) {
				return current;
			}
			if (current != null) {
				current.end("replaced");
			}
			return new RecordingFile(path, limits, source, sample, WRITER);
		});
		return recording;
	}

	/**
	 * Whether entries are still accepted.
	 * @return {@code false} once a limit has been reached
	 */
	public boolean isRecording() {
		return this.recording;
	}

	/**
	 * Records that a session has opened, unless that has been recorded.
	 * @param session the session
	 * @param withPrincipal whether to record the name of its principal
	 */
	public void opened(ProxiedSession session, boolean withPrincipal) {
		if (this.recording && this.sessions.add(session.id()) && !offer(Open.of(session, withPrincipal))) {
			this.sessions.remove(session.id());
		}
	}

	/**
	 * Records a message.
	 * @param message the message
	 */
	public void add(Message message) {
		if (this.recording) {
			offer(message);
		}
	}

	/**
	 * Records that a session has ended, if its opening has been recorded.
	 * @param session the session
	 * @param termination how it has ended
	 */
	public void closed(ProxiedSession session, Termination termination) {
		if (this.sessions.remove(session.id()) && this.recording) {
			offer(Close.of(session.id(), termination));
		}
	}

	/** Several threads may exceed the bounds of the queue by one entry each. */
	private boolean offer(RecordingEntry entry) {
		int chars = chars(entry);
		if (this.waitingEntries.get() >= MAX_WAITING || this.waitingChars.get() + chars > MAX_WAITING_CHARS) {
			this.dropped.incrementAndGet();
			return false;
		}
		if (this.begun.compareAndSet(false, true)) {
			this.writer.schedule(() -> end("duration"), this.limits.maxDuration().toNanos(), TimeUnit.NANOSECONDS);
		}
		this.waitingEntries.incrementAndGet();
		this.waitingChars.addAndGet(chars);
		this.waiting.add(entry);
		schedule();
		return true;
	}

	private static int chars(RecordingEntry entry) {
		return (entry instanceof Message message && message.payload() != null) ? message.payload().text().length() : 0;
	}

	private void schedule() {
		if (this.scheduled.compareAndSet(false, true)) {
			this.writer.schedule(this::write);
		}
	}

	/** Ends the recording, after the entries that wait. */
	private void end(String reason) {
		this.recording = false;
		this.endReason = reason;
		schedule();
	}

	// On the thread of the writer

	private void write() {
		this.scheduled.set(false);
		if (this.over) {
			this.waiting.clear();
			return;
		}
		try {
			String reason = writeWaiting();
			if (reason != null) {
				finish(reason);
			}
		}
		catch (IOException | RuntimeException ex) {
			logger.warn("The recording in " + this.file + " has failed and ends", ex);
			finish(null);
		}
	}

	/** Returns why the recording ends, or {@code null} if it goes on. */
	private @Nullable String writeWaiting() throws IOException {
		LimitedFile output = output();
		boolean fits = true;
		for (RecordingEntry entry = this.waiting.poll(); entry != null && fits; entry = this.waiting.poll()) {
			this.waitingEntries.decrementAndGet();
			this.waitingChars.addAndGet(-chars(entry));
			fits = writeDropped(output) && output.add(RecordingFormat.line(entry));
		}
		fits = fits && writeDropped(output);
		output.flush();
		return fits ? this.endReason : "size";
	}

	private boolean writeDropped(LimitedFile output) throws IOException {
		long count = this.dropped.getAndSet(0);
		return count == 0 || output.add(RecordingFormat.line(new Dropped(count)));
	}

	private LimitedFile output() throws IOException {
		LimitedFile output = this.output;
		if (output == null) {
			output = LimitedFile.open(this.file, this.limits.maxBytes());
			this.output = output;
			logger.info("Recording WebSocket messages in " + this.file + ", for at most " + this.limits.maxDuration()
					+ " and up to " + this.limits.maxBytes() + " bytes");
			output
				.add(RecordingFormat.line(new Begin(RecordingFormat.VERSION, this.source, Instant.now(), this.sample)));
		}
		return output;
	}

	private void finish(@Nullable String reason) {
		this.recording = false;
		this.over = true;
		this.waiting.clear();
		this.sessions.clear();
		LimitedFile output = this.output;
		if (output != null) {
			try (output) {
				if (reason != null) {
					output.addLast(RecordingFormat.line(new End(reason)));
					logger.info("The recording in " + this.file + " has ended: " + reason);
				}
			}
			catch (IOException ex) {
				logger.warn("The recording in " + this.file + " cannot be completed", ex);
			}
		}
	}

}
