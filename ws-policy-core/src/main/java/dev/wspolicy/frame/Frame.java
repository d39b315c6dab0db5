package dev.wspolicy.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A WebSocket frame, or a whole message whose fragments have been assembled
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>).
 * <p>
 * A frame that a policy is shown can be read, from any thread, until its outcome has been
 * decided; after that, reading the payload throws {@link IllegalStateException}. To keep
 * a frame, {@link #copy()} it. Frames created with the {@code of} methods can always be
 * read. A frame is immutable: to send something else, return a verdict with another
 * frame.
 */
public abstract sealed class Frame permits TextFrame, BinaryFrame, ContinuationFrame, PingFrame, PongFrame, CloseFrame {

	private final Payload payload;

	private final boolean fin;

	private volatile boolean invalidUtf8;

	private @Nullable ViewEntry views;

	Frame(Payload payload, boolean fin) {
		this.payload = payload;
		this.fin = fin;
	}

	static Frame of(FrameType type, boolean fin, Payload payload) {
		return switch (type) {
			case TEXT -> new TextFrame(payload, fin);
			case BINARY -> new BinaryFrame(payload, fin);
			case CONTINUATION -> new ContinuationFrame(payload, fin);
			case PING -> new PingFrame(payload);
			case PONG -> new PongFrame(payload);
			case CLOSE -> new CloseFrame(payload);
		};
	}

	/**
	 * Returns the type of this frame.
	 * @return the type
	 */
	public abstract FrameType type();

	/**
	 * Whether this frame ends its message. Whole messages and control frames always do.
	 * @return the FIN bit
	 */
	public boolean fin() {
		return this.fin;
	}

	/**
	 * Returns the length of the payload in bytes. The payload of a frame from the wire is
	 * not read for this. Can be called at any time.
	 * @return the length, 0 or more
	 */
	public int length() {
		return this.payload.length();
	}

	/**
	 * Returns the unmasked payload. It is not copied.
	 * @return a new read-only buffer over the bytes
	 * @throws IllegalStateException if the outcome of this frame has been decided
	 */
	public ByteBuffer payload() {
		return ByteBuffer.wrap(this.payload.bytes()).asReadOnlyBuffer();
	}

	/**
	 * Returns a copy of the unmasked payload.
	 * @return a new array
	 * @throws IllegalStateException if the outcome of this frame has been decided
	 */
	public byte[] toByteArray() {
		return this.payload.bytes().clone();
	}

	/**
	 * Returns an equal frame that can always be read.
	 * @return a copy, or this frame if it can always be read itself
	 * @throws IllegalStateException if the outcome of this frame has been decided
	 */
	public Frame copy() {
		Payload copy = this.payload.copy();
		return (copy != this.payload) ? of(type(), this.fin, copy) : this;
	}

	/**
	 * Reads this frame with a view. The result is computed once and shared by all
	 * policies that use the same instance of the view.
	 * @param view how to read the frame; best a constant
	 * @param <T> the type of the result
	 * @return what the view has read
	 * @throws IllegalStateException if the outcome of this frame has been decided and the
	 * view was not read before
	 */
	@SuppressWarnings("unchecked")
	public <T> T view(FrameView<T> view) {
		for (ViewEntry entry = this.views; entry != null; entry = entry.next()) {
			if (entry.view() == view) {
				return (T) entry.value();
			}
		}
		T value = view.read(this);
		this.views = new ViewEntry(view, value, this.views);
		return value;
	}

	<T> Frame seed(FrameView<T> view, T value) {
		this.views = new ViewEntry(view, value, this.views);
		return this;
	}

	final void forgetViews() {
		this.views = null;
	}

	final Payload source() {
		return this.payload;
	}

	/** Whether reading the text has failed. */
	final boolean isInvalidUtf8() {
		return this.invalidUtf8;
	}

	String decode() {
		try {
			return this.payload.text();
		}
		catch (InvalidUtf8Exception ex) {
			this.invalidUtf8 = true;
			throw ex;
		}
	}

	/**
	 * Frames are equal if their types, FIN bits and bytes are. To compare two frames of
	 * the same type and length reads both payloads, which unmasks those from the wire. A
	 * frame whose payload can no longer be read is equal to itself only.
	 */
	@Override
	public final boolean equals(@Nullable Object other) {
		return this == other || (other instanceof Frame that && type() == that.type() && this.fin == that.fin
				&& length() == that.length() && hasBytesOf(that));
	}

	private boolean hasBytesOf(Frame other) {
		try {
			return Arrays.equals(this.payload.bytes(), other.payload.bytes());
		}
		catch (IllegalStateException ex) {
			// One of them has been released, maybe at this moment and on another thread.
			return false;
		}
	}

	/**
	 * The same before and after the payload is released, and computed without reading it.
	 */
	@Override
	public final int hashCode() {
		return 31 * (2 * type().opcode() + (this.fin ? 1 : 0)) + length();
	}

	@Override
	public String toString() {
		return type() + (this.fin ? "" : "(fragment)") + "[" + length() + " bytes]";
	}

	private record ViewEntry(FrameView<?> view, Object value, @Nullable ViewEntry next) {

	}

}
