package dev.wspolicy.proving.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * Decodes a stream whose messages may be compressed, with a reader of frames and an
 * inflater that have nothing in common with those of the relay.
 */
final class CompressedOracle {

	private static final int RSV1 = 4;

	/**
	 * How far beyond its limit a frame may be inflated before the relay notices, which it
	 * does when 64 KB are complete.
	 */
	private static final int SLACK = 80 * 1024;

	private final Side sender;

	private final boolean mayCompress;

	private final ReferenceInflater inflater;

	private final long frameLimit;

	private final long messageLimit;

	private final Reading reading = new Reading();

	// The message

	private final ByteArrayOutputStream payload = new ByteArrayOutputStream();

	private String type = "";

	private boolean compressed;

	/** How long the message has become so far, inflated. */
	private int length;

	private CompressedOracle(Side sender, @Nullable PerMessageDeflate agreement, boolean takeover, int window,
			long frameLimit, long messageLimit) {
		this.sender = sender;
		this.mayCompress = agreement != null;
		this.inflater = new ReferenceInflater(takeover, window);
		this.frameLimit = frameLimit;
		this.messageLimit = messageLimit;
	}

	/**
	 * Decodes what a peer has sent.
	 * @param bytes the bytes, of whole frames
	 * @param sender the side of the peer
	 * @param agreement what has been agreed with it about compression, or {@code null}
	 * @param frameLimit how many bytes a frame may be inflated to
	 * @param messageLimit how many bytes a message may be inflated to
	 * @return what it stands for
	 */
	static Reading read(byte[] bytes, Side sender, @Nullable PerMessageDeflate agreement, long frameLimit,
			long messageLimit) {
		boolean takeover = agreement != null && agreement.inflateTakeover();
		int window = (agreement != null) ? agreement.inflateWindow() : 0;
		CompressedOracle oracle = new CompressedOracle(sender, agreement, takeover, window, frameLimit, messageLimit);
		ByteArrayInputStream input = new ByteArrayInputStream(bytes);
		try {
			while (input.available() > 0 && !oracle.reading.isOver()) {
				oracle.read(WireFrame.read(input));
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("after " + oracle.reading, ex);
		}
		return oracle.reading;
	}

	/**
	 * Decodes what the gateway has sent.
	 * @param bytes the bytes, of whole frames
	 * @param receiver the side that it was sent to
	 * @param agreement what has been agreed with that side about compression, or
	 * {@code null}
	 * @return what it stands for
	 */
	static Reading readRelayed(byte[] bytes, Side receiver, @Nullable PerMessageDeflate agreement) {
		PerMessageDeflate mirrored = (agreement != null) ? new PerMessageDeflate(agreement.answer(),
				agreement.deflateTakeover(), agreement.inflateTakeover(), agreement.level(), agreement.minSize())
				: null;
		return read(bytes, receiver.peer(), mirrored, Long.MAX_VALUE, Long.MAX_VALUE);
	}

	private void read(WireFrame frame) {
		boolean control = frame.opcode() >= WireFrame.CLOSE;
		boolean begins = frame.opcode() == WireFrame.TEXT || frame.opcode() == WireFrame.BINARY;
		int allowed = (begins && this.mayCompress) ? RSV1 : 0;
		if ((frame.rsv() & ~allowed) != 0 || frame.isMasked() != (this.sender == Side.CLIENT)
				|| (!control && begins != this.type.isEmpty())) {
			this.reading.error = 1002;
		}
		else if (frame.opcode() == WireFrame.CLOSE) {
			this.reading.close = frame.closeCode();
		}
		else if (control) {
			this.reading.add((frame.opcode() == WireFrame.PING) ? "ping" : "pong", frame.payload());
		}
		else {
			readData(frame, begins);
		}
	}

	private void readData(WireFrame frame, boolean begins) {
		if (begins) {
			this.type = (frame.opcode() == WireFrame.TEXT) ? "text" : "binary";
			this.compressed = frame.rsv() == RSV1;
			this.payload.reset();
			this.length = 0;
		}
		this.payload.writeBytes(frame.payload());
		byte[] message = this.payload.toByteArray();
		boolean valid = true;
		if (this.compressed) {
			ReferenceInflater.Inflated inflated = this.inflater.inflate(message, frame.fin());
			message = inflated.bytes();
			valid = inflated.valid();
		}
		long excess = Math.max(message.length - this.length - this.frameLimit, message.length - this.messageLimit);
		this.length = message.length;
		if (excess > 0) {
			this.reading.error = 1009;
			this.reading.alternative = (!valid && excess < SLACK) ? 1007 : 0;
		}
		else if (!valid) {
			this.reading.error = 1007;
		}
		else if (frame.fin()) {
			this.reading.add(this.type, Arrays.copyOf(message, message.length));
			this.type = "";
		}
	}

}
