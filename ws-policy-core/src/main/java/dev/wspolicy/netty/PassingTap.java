package dev.wspolicy.netty;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * Shows the frames of one direction to taps that pass without being held. Copies the
 * beginning of each payload while it passes.
 */
final class PassingTap {

	private static final byte[] NOTHING = new byte[0];

	private final TapPoint point;

	private final Direction direction;

	/** The taps that want the passing frame; null before its beginning. */
	private @Nullable List<FrameTap> interested;

	private byte[] payload = NOTHING;

	private int filled;

	PassingTap(TapPoint point, Direction direction) {
		this.point = point;
		this.direction = direction;
	}

	/**
	 * Called when the next bytes of a payload pass, once at least for each frame.
	 * @param header the header of the frame
	 * @param bytes the buffer with the bytes
	 * @param from the index of the first one
	 * @param available their number
	 * @param key the key that they are masked with
	 * @param phase the number of payload bytes before them
	 */
	void passes(WireHeader header, ByteBuf bytes, int from, int available, int key, long phase) {
		if (phase == 0 && this.interested == null) {
			begin(header.payloadLength());
		}
		int wanted = Math.min(available, this.payload.length - this.filled);
		if (wanted > 0) {
			bytes.getBytes(from, this.payload, this.filled, wanted);
			Masks.apply(this.payload, this.filled, wanted, key, phase);
			this.filled += wanted;
		}
		if (phase + available == header.payloadLength()) {
			passed(header);
		}
	}

	private void begin(long length) {
		List<FrameTap> interested = this.point.interested();
		this.interested = interested;
		int limit = this.point.payloadLimit(interested);
		this.payload = (limit > 0 && length > 0) ? new byte[(int) Math.min(limit, length)] : NOTHING;
		this.filled = 0;
	}

	private void passed(WireHeader header) {
		List<FrameTap> interested = this.interested;
		if (interested == null) {
			return;
		}
		byte[] payload = this.payload;
		this.interested = null;
		this.payload = NOTHING;
		this.filled = 0;
		if (!interested.isEmpty()) {
			// The relay lets no frame with an unknown opcode pass.
			FrameType type = Objects.requireNonNull(FrameType.of(header.firstByte()));
			Integer mask = (this.direction == Direction.INBOUND) ? header.key() : null;
			this.point.tell(interested, new TappedFrame(this.direction, Origin.PEER, type, header.isFin(),
					Instant.now(), 0, header.payloadLength(), mask, Outcome.NONE, null, payload));
		}
	}

}
