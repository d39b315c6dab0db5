package dev.wspolicy.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes the buffers of one direction and has their frames scanned, one buffer after
 * another. A buffer that cannot be scanned yet, or not to its end, waits in a backlog.
 */
final class LegReader {

	private final FrameScanner scanner;

	private final FlowControl flow;

	/** Whether the bytes have been inflated, and have been counted before that. */
	private final boolean inflated;

	/**
	 * Whether a buffer is being scanned, or what has been scanned of it is being written.
	 * A write may find the target full, flush it, and so lead here again: other buffers
	 * must wait until this one is done with.
	 */
	private boolean scanning;

	/** The buffers that wait; created with the first. */
	private @Nullable Backlog backlog;

	/** The number of bytes in the backlog; other threads may see it late. */
	private int backlogBytes;

	LegReader(FrameScanner scanner, FlowControl flow, boolean inflated) {
		this.scanner = scanner;
		this.flow = flow;
		this.inflated = inflated;
	}

	/**
	 * Scans bytes that the leg has sent, or keeps them until they can be scanned.
	 * @param buffer the bytes; this reader owns the buffer from now on
	 */
	void read(ByteBuf buffer) {
		if (!this.scanning && !hasBacklog() && this.flow.mayScan()) {
			this.scanning = true;
			try {
				scan(buffer);
			}
			finally {
				this.scanning = false;
			}
		}
		else if (this.flow.isPaused(Pause.SESSION_ENDED)) {
			buffer.release();
		}
		else {
			this.backlogBytes += buffer.readableBytes();
			backlog().addLast(buffer);
		}
		if (!this.scanning && hasBacklog() && this.flow.mayScan()) {
			// What has come while the buffer was being scanned
			scanBacklog();
		}
	}

	/** Scans what has been kept, until a pause begins. */
	void scanBacklog() {
		if (!this.flow.isPaused(Pause.SUSPENDED)) {
			this.scanner.compact();
		}
		if (this.scanning) {
			return;
		}
		this.scanning = true;
		try {
			while (this.flow.mayScan() && hasBacklog()) {
				ByteBuf buffer = backlog().removeFirst();
				this.backlogBytes -= buffer.readableBytes();
				scan(buffer);
			}
		}
		finally {
			this.scanning = false;
		}
	}

	private void scan(ByteBuf buffer) {
		try {
			this.scanner.scan(buffer);
		}
		finally {
			leave(buffer);
		}
	}

	/**
	 * Writes what is due of a buffer, and keeps what has not been scanned because a pause
	 * has begun.
	 */
	private void leave(ByteBuf buffer) {
		int position = this.scanner.position();
		int scanned = position - buffer.readerIndex();
		boolean owned = true;
		try {
			if (this.flow.isPaused(Pause.SESSION_ENDED)) {
				return;
			}
			int from = this.scanner.forwardFrom();
			int length = this.scanner.leaveBuffer(this.flow.isPaused(Pause.SUSPENDED));
			int rest = buffer.writerIndex() - position;
			if (rest > 0) {
				// The buffer itself is kept, not a slice of it: where verdicts come one
				// by one, that would be a slice of a slice of a slice.
				ByteBuf forwarded = (length > 0) ? buffer.retainedSlice(from, length) : null;
				owned = false;
				this.backlogBytes += rest;
				backlog().addFirst(buffer.readerIndex(position));
				if (forwarded != null) {
					this.scanner.target().write(forwarded);
				}
			}
			else if (length > 0) {
				owned = false;
				this.scanner.target().write(buffer.setIndex(from, from + length));
			}
		}
		finally {
			this.scanner.forgetBuffer();
			if (owned) {
				buffer.release();
			}
		}
		if (!this.inflated) {
			this.flow.countRead(scanned);
		}
	}

	/** Whether everything that was read has been scanned, and no verdict is pending. */
	boolean isIdle() {
		return !this.flow.isPaused(Pause.SUSPENDED) && !this.flow.isPaused(Pause.SESSION_ENDED) && !this.scanning
				&& !hasBacklog();
	}

	/** Whether this reader is in the middle of a buffer, and others must wait. */
	boolean isScanning() {
		return this.scanning;
	}

	/**
	 * Returns the number of bytes in the backlog. From any thread, which may see a value
	 * that is a little old.
	 */
	int backlogBytes() {
		return this.backlogBytes;
	}

	/** Drops what has been kept. */
	void clearBacklog() {
		if (this.backlog != null) {
			this.backlog.clear();
			this.backlog = null;
		}
		this.backlogBytes = 0;
	}

	private boolean hasBacklog() {
		return this.backlog != null && !this.backlog.isEmpty();
	}

	private Backlog backlog() {
		if (this.backlog == null) {
			this.backlog = new Backlog(this.scanner.target().allocator());
		}
		return this.backlog;
	}

}
