package dev.wspolicy.netty;

import java.io.ByteArrayOutputStream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * A channel that takes as many bytes, and runs tasks when the test says so.
 */
final class SlowChannel extends SteadyChannel {

	/** What the channel has taken. */
	final ByteArrayOutputStream taken;

	private int willing;

	SlowChannel(ChannelHandler handler) {
		super(handler);
		this.taken = new ByteArrayOutputStream();
	}

	boolean take(int bytes) {
		ChannelOutboundBuffer buffer = unsafe().outboundBuffer();
		if (buffer == null) {
			return false;
		}
		int before = this.taken.size();
		this.willing = bytes;
		doWrite(buffer);
		return this.taken.size() > before;
	}

	void lose() {
		unsafe().close(voidPromise());
		runTasks();
	}

	void runTasks() {
		super.runScheduledPendingTasks();
		super.runPendingTasks();
	}

	@Override
	public void runPendingTasks() {
		// Not in the middle of something else
	}

	@Override
	protected void doWrite(ChannelOutboundBuffer buffer) {
		for (ByteBuf next = (ByteBuf) buffer.current(); next != null; next = (ByteBuf) buffer.current()) {
			int length = Math.min(this.willing, next.readableBytes());
			byte[] bytes = new byte[length];
			next.readBytes(bytes);
			this.taken.writeBytes(bytes);
			this.willing -= length;
			buffer.progress(length);
			if (next.isReadable()) {
				break;
			}
			buffer.remove();
		}
	}

}
