package dev.wspolicy.frame;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * One WebSocket frame, or a whole message where its fragments have been assembled
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section
 * 5.2</a>).
 * <p>
 * A frame that a policy is shown can be read, from any thread, until its verdict has
 * settled; reading the payload later throws {@link IllegalStateException}. To keep a
 * frame, {@link #copy()} it. Frames made with the {@code of} methods can be read for
 * ever. A frame is never changed: to change what is sent, answer with another one.
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

	/**
	 * A frame over the given payload, for drivers of the relay.
	 * @param type the type of the frame
	 * @param fin whether it ends its message
	 * @param payload where the bytes come from
	 * @return the frame
	 */
	public static Frame of(FrameType type, boolean fin, Payload payload) {
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
	 * The type of this frame.
	 * @return the type
	 */
	public abstract FrameType type();

	/**
	 * Whether this frame ends its message. Always true for whole messages and for control
	 * frames.
	 * @return the FIN bit
	 */
	public boolean fin() {
		return this.fin;
	}

	/**
	 * The number of bytes in the payload. Costs nothing for a frame from the wire, whose
	 * payload is not read for it.
	 * @return the length, 0 or more
	 */
	public int length() {
		return this.payload.length();
	}

	/**
	 * The payload, unmasked, as a read-only buffer of its own position and limit.
	 * @return the bytes
	 * @throws IllegalStateException if the verdict on this frame has settled
	 */
	public ByteBuffer payload() {
		return ByteBuffer.wrap(this.payload.bytes()).asReadOnlyBuffer();
	}

	/**
	 * A copy of the payload, unmasked.
	 * @return a new array
	 * @throws IllegalStateException if the verdict on this frame has settled
	 */
	public byte[] toByteArray() {
		return this.payload.bytes().clone();
	}

	/**
	 * A frame with the same type, FIN bit and bytes that can be kept for ever.
	 * @return a copy, or this frame if it can be kept itself
	 * @throws IllegalStateException if the verdict on this frame has settled
	 */
	public Frame copy() {
		Payload copy = this.payload.copy();
		return (copy != this.payload) ? of(type(), this.fin, copy) : this;
	}

	/**
	 * Read this frame in a certain way, once for all policies: the second policy that
	 * asks with the same {@code view} gets what the first one was given.
	 * @param view how to read it, best a constant
	 * @param <T> what it is read as
	 * @return what the view has read
	 * @throws IllegalStateException if the verdict on this frame has settled
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

	/**
	 * Say what a view reads in this frame, so that it need not be read. For those who
	 * make a frame of a value that they have; what they say must be what is read.
	 * @param view how the frame is read
	 * @param value what it is read as
	 * @param <T> what it is read as
	 * @return this frame
	 */
	public <T> Frame seed(FrameView<T> view, T value) {
		this.views = new ViewEntry(view, value, this.views);
		return this;
	}

	/**
	 * Where the bytes come from. For drivers of the relay; policies have
	 * {@link #payload()}.
	 * @return the source of the bytes
	 */
	public Payload source() {
		return this.payload;
	}

	/**
	 * Whether a policy has tried to read this frame's payload as text in vain. The
	 * session is then closed with 1007, whatever the policy has answered.
	 * @return {@code true} if the payload was found not to be UTF-8
	 */
	public boolean isInvalidUtf8() {
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

	@Override
	public String toString() {
		return type() + (this.fin ? "" : "(fragment)") + "[" + length() + " bytes]";
	}

	private record ViewEntry(FrameView<?> view, Object value, @Nullable ViewEntry next) {

	}

}
