package dev.wspolicy.recording;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

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
 * first session and ends for good when it reaches a limit, when it cannot be written, or
 * with the application. All public methods are safe from any thread, and none of them
 * waits.
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

	private final Path file;

	private final RecordingLimits limits;

	private final String source;

	private final double sample;

	private final Predicate<String> knownSubprotocols;

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

	/** Why the recording is to end; the first reason counts. */
	private final AtomicReference<@Nullable String> endReason = new AtomicReference<>();

	private final CountDownLatch ended = new CountDownLatch(1);

	/** Ends the recording after its maximum duration. */
	private volatile @Nullable Disposable timer;

	/** Confined to the writer, as is the field below. */
	private @Nullable LimitedFile output;

	private boolean over;

	RecordingFile(Path file, RecordingLimits limits, String source, double sample, Predicate<String> knownSubprotocols,
			Scheduler writer) {
		this.file = file;
		this.limits = limits;
		this.source = source;
		this.sample = sample;
		this.knownSubprotocols = knownSubprotocols;
		this.writer = writer;
	}

	boolean isLike(RecordingLimits limits, double sample) {
		return this.limits.equals(limits) && this.sample == sample;
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
		if (!this.recording || this.sessions.contains(session.id())) {
			return;
		}
		Open entry = Open.of(session, withPrincipal, this.knownSubprotocols);
		if (this.sessions.add(session.id()) && !offer(entry)) {
			this.sessions.remove(session.id());
		}
	}

	/**
	 * Records a message, after the opening of its session. Does nothing if the session
	 * has ended.
	 * @param session the session
	 * @param withPrincipal whether to record the name of its principal
	 * @param message the message
	 */
	public void add(ProxiedSession session, boolean withPrincipal, Message message) {
		if (this.sessions.contains(session.id())) {
			add(message);
		}
		else if (session.isOpen()) {
			opened(session, withPrincipal);
			add(message);
		}
	}

	void add(Message message) {
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
			startTimer();
		}
		// Lines are missing before this one, and after those that wait.
		long missing = this.dropped.getAndSet(0);
		if (missing > 0) {
			enqueue(new Dropped(missing), 0);
		}
		enqueue(entry, chars);
		schedule();
		return true;
	}

	private void enqueue(RecordingEntry entry, int chars) {
		this.waitingEntries.incrementAndGet();
		this.waitingChars.addAndGet(chars);
		this.waiting.add(entry);
	}

	private void startTimer() {
		Disposable timer = this.writer.schedule(() -> end("duration"), nanos(this.limits.maxDuration()),
				TimeUnit.NANOSECONDS);
		this.timer = timer;
		if (this.ended.getCount() == 0) {
			timer.dispose();
		}
	}

	private static long nanos(Duration duration) {
		try {
			return duration.toNanos();
		}
		catch (ArithmeticException ex) {
			return Long.MAX_VALUE;
		}
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
	void end(String reason) {
		this.endReason.compareAndSet(null, reason);
		this.recording = false;
		schedule();
	}

	/**
	 * Waits until the recording has ended and its file is closed.
	 * @return {@code false} if that has taken too long
	 */
	boolean awaitEnd(Duration atMost) {
		try {
			return this.ended.await(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** Returns the name of the file. */
	@Override
	public String toString() {
		return this.file.toString();
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
		catch (IOException ex) {
			logger.warn("The recording in " + this.file + " ends, because it cannot be written: " + ex);
			finish(null);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("The recording in " + this.file + " has failed and ends", ex);
			finish(null);
		}
	}

	/** Returns why the recording ends, or {@code null} if it goes on. */
	private @Nullable String writeWaiting() throws IOException {
		String reason = this.endReason.get();
		if (reason != null && this.output == null && this.waiting.isEmpty()) {
			// Without anything to record, there is no file either.
			return reason;
		}
		LimitedFile output = output();
		boolean fits = true;
		for (RecordingEntry entry = this.waiting.poll(); entry != null && fits; entry = this.waiting.poll()) {
			this.waitingEntries.decrementAndGet();
			this.waitingChars.addAndGet(-chars(entry));
			fits = output.add(RecordingFormat.line(entry));
		}
		fits = fits && writeDropped(output);
		output.flush();
		return fits ? this.endReason.get() : "size";
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
			Begin begin = new Begin(RecordingFormat.VERSION, this.source, Instant.now(), this.sample);
			if (!output.add(RecordingFormat.line(begin))) {
				throw new IOException("it has " + output.size() + " bytes already, of at most " + this.limits.maxBytes()
						+ " (record.max-size)");
			}
			logger.info("Recording WebSocket messages in " + this.file + ", for at most " + this.limits.maxDuration()
					+ " and up to " + this.limits.maxBytes() + " bytes");
		}
		return output;
	}

	private void finish(@Nullable String reason) {
		this.recording = false;
		this.over = true;
		this.waiting.clear();
		this.sessions.clear();
		Disposable timer = this.timer;
		if (timer != null) {
			timer.dispose();
		}
		closeOutput(reason);
		this.ended.countDown();
	}

	private void closeOutput(@Nullable String reason) {
		LimitedFile output = this.output;
		this.output = null;
		if (output == null) {
			return;
		}
		try (output) {
			if (reason != null) {
				output.addLast(RecordingFormat.line(new End(reason)));
				logger.info("The recording in " + this.file + " has ended: " + reason);
			}
		}
		catch (IOException ex) {
			logger.warn("The recording in " + this.file + " cannot be completed: " + ex);
		}
	}

}
