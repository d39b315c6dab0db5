package dev.wspolicy.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.frame.Utf8;
import dev.wspolicy.relay.CollectedFrame;

/**
 * The payload of a collected frame, in the buffers in which it arrived. It is unmasked
 * when it is first read.
 * <p>
 * The event loop and a policy may call it from different threads. A reader moves the
 * state from idle to reading and back, and {@link #release()} waits for that, so nobody
 * reads memory that has been released. There is no lock, and as a rule nobody to wait
 * for.
 */
final class WirePayload implements CollectedFrame {

	private static final int MAX_SCRATCH = 64 * 1024;

	private static final FastThreadLocal<byte[]> SCRATCH = new FastThreadLocal<>() {

		@Override
		protected byte[] initialValue() {
			return new byte[1024];
		}

	};

	private static final int IDLE = 0;

	private static final int READING = 1;

	private static final int RELEASED = 2;

	private static final VarHandle STATE;

	static {
		try {
			STATE = MethodHandles.lookup().findVarHandle(WirePayload.class, "state", int.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final int length;

	private @Nullable MaskedSlice slices;

	private byte @Nullable [] bytes;

	private final CollectedBytes owner;

	@SuppressWarnings("unused")
	private int state;

	WirePayload(@Nullable MaskedSlice slices, int length, CollectedBytes owner) {
		this.slices = slices;
		this.length = length;
		this.owner = owner;
	}

	WirePayload(byte[] bytes, CollectedBytes owner) {
		this.bytes = bytes;
		this.length = bytes.length;
		this.owner = owner;
	}

	@Override
	public int length() {
		return this.length;
	}

	@Override
	public byte[] bytes() {
		beginReading();
		try {
			byte[] result = this.bytes;
			if (result == null) {
				result = new byte[this.length];
				MaskedSlice.copy(this.slices, result, this.length);
				this.bytes = result;
			}
			return result;
		}
		finally {
			STATE.setRelease(this, IDLE);
		}
	}

	@Override
	public byte[] head(int limit) {
		beginReading();
		try {
			byte[] head = new byte[Math.min(limit, this.length)];
			if (this.bytes != null) {
				System.arraycopy(this.bytes, 0, head, 0, head.length);
			}
			else {
				MaskedSlice.copy(this.slices, head, head.length);
			}
			return head;
		}
		finally {
			STATE.setRelease(this, IDLE);
		}
	}

	@Override
	public String text() {
		beginReading();
		try {
			byte[] source = this.bytes;
			if (source == null) {
				source = scratch();
				MaskedSlice.copy(this.slices, source, this.length);
			}
			return Utf8.decode(source, this.length);
		}
		finally {
			STATE.setRelease(this, IDLE);
		}
	}

	@Override
	public Payload message() {
		return this.owner.message(this);
	}

	@Override
	public void forward() {
		this.owner.forward(this);
	}

	@Override
	public void drop() {
		this.owner.drop(this);
	}

	@Override
	public void keep() {
		this.owner.keep(this);
	}

	@Override
	public void release() {
		while (!STATE.compareAndSet(this, IDLE, RELEASED)) {
			if ((int) STATE.getAcquire(this) == RELEASED) {
				return;
			}
			Thread.onSpinWait();
		}
		this.slices = null;
		this.bytes = null;
	}

	private void beginReading() {
		while (!STATE.compareAndSet(this, IDLE, READING)) {
			if ((int) STATE.getAcquire(this) == RELEASED) {
				throw new IllegalStateException("the verdict on this frame has settled; copy() frames to keep them");
			}
			Thread.onSpinWait();
		}
	}

	private byte[] scratch() {
		if (this.length > MAX_SCRATCH) {
			return new byte[this.length];
		}
		byte[] scratch = SCRATCH.get();
		if (scratch.length < this.length) {
			scratch = new byte[Math.min(MAX_SCRATCH, Integer.highestOneBit(this.length) * 2)];
			SCRATCH.set(scratch);
		}
		return scratch;
	}

}
