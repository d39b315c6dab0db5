package dev.wspolicy.builtin;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.recording.RecordingEntry.Message;
import dev.wspolicy.recording.RecordingFile;
import dev.wspolicy.recording.RecordingLimits;
import dev.wspolicy.recording.Recordings;
import dev.wspolicy.redaction.Excerpt;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.Termination;

/**
 * Records what {@link FrameLogPolicy} shows. Sessions that are a replay are not recorded.
 */
final class FrameRecording {

	private static final Log logger = LogFactory.getLog(FrameRecording.class);

	private static final String JACKSON = "tools.jackson.databind.json.JsonMapper";

	/**
	 * Not before the first session: a refresh that fails has created policies, too, and
	 * must not end the recording.
	 */
	private final SingletonSupplier<RecordingFile> file;

	private final boolean principal;

	private FrameRecording(SingletonSupplier<RecordingFile> file, boolean principal) {
		this.file = file;
		this.principal = principal;
	}

	static FrameRecording of(RecordingSettings settings, double sample, Recordings recordings) {
		if (settings.file() == null || settings.file().isBlank()) {
			throw new IllegalArgumentException("record.file: missing (expected: the file to record in)");
		}
		if (settings.maxSize().toBytes() < 1024) {
			throw new IllegalArgumentException("record.max-size: " + settings.maxSize() + " (expected: at least 1KB)");
		}
		if (settings.maxDuration().isNegative() || settings.maxDuration().isZero()) {
			throw new IllegalArgumentException(
					"record.max-duration: " + settings.maxDuration() + " (expected: more than zero)");
		}
		if (!ClassUtils.isPresent(JACKSON, FrameRecording.class.getClassLoader())) {
			throw new IllegalArgumentException("record: requires Jackson, tools.jackson.core:jackson-databind");
		}
		Path path = path(settings.file());
		RecordingLimits limits = new RecordingLimits(settings.maxSize().toBytes(), settings.maxDuration());
		return new FrameRecording(SingletonSupplier.of(() -> recordings.in(path, limits, FrameLogPolicy.NAME, sample)),
				settings.principal());
	}

	private static Path path(String file) {
		Path path;
		try {
			path = Path.of(file);
		}
		catch (InvalidPathException ex) {
			throw new IllegalArgumentException("record.file: " + ex.getMessage(), ex);
		}
		Path folder = path.toAbsolutePath().getParent();
		if (folder == null || Files.isDirectory(path)) {
			throw new IllegalArgumentException("record.file: '" + file + "' (expected: a file, not a folder)");
		}
		if (!Files.isDirectory(folder)) {
			// No failure: the folder may come, and other settings must take effect.
			logger.warn("record.file: the folder of '" + file + "' does not exist, so nothing can be recorded");
		}
		return path;
	}

	boolean isFor(ProxiedSession session) {
		return this.file.obtain().isRecording() && !session.upgrade().attributes().containsKey(RecordingFile.REPLAYED);
	}

	void opened(ProxiedSession session) {
		if (isFor(session)) {
			this.file.obtain().opened(session, this.principal);
		}
	}

	void add(ProxiedSession session, Direction direction, Frame frame, @Nullable Excerpt shown) {
		this.file.obtain()
			.add(session, this.principal, new Message(session.id(), direction, Origin.PEER, frame.type(), frame.fin(),
					Instant.now(), frame.length(), shown));
	}

	void closed(ProxiedSession session, Termination termination) {
		this.file.obtain().closed(session, termination);
	}

}
