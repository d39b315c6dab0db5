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
 * Tells of the frames that pass a reader cut through, which nobody else looks into. Of
 * each it copies the beginning of the payload while that goes by.
 */
final class PassingTap {

	private static final byte[] NOTHING = new byte[0];

	private final TapPoint point;

	private final Direction direction;

	/** Who is told of the frame that passes; null before its beginning was seen. */
	private @Nullable List<FrameTap> takers;

	private byte[] payload = NOTHING;

	private int filled;

	PassingTap(TapPoint point, Direction direction) {
		this.point = point;
		this.direction = direction;
	}

	/** The next bytes of a payload pass, the first ones if there was nothing before. */
	void passes(ByteBuf bytes, int from, int available, int key, long phase, long length) {
		if (phase == 0 && this.takers == null) {
			begin(length);
		}
		int wanted = Math.min(available, this.payload.length - this.filled);
		if (wanted > 0) {
			bytes.getBytes(from, this.payload, this.filled, wanted);
			Masks.apply(this.payload, this.filled, wanted, key, phase);
			this.filled += wanted;
		}
	}

	private void begin(long length) {
		List<FrameTap> takers = this.point.takers();
		this.takers = takers;
		int limit = this.point.payloadLimit(takers);
		this.payload = (limit > 0 && length > 0) ? new byte[(int) Math.min(limit, length)] : NOTHING;
		this.filled = 0;
	}

	/** The frame has passed to its end. */
	void passed(int firstByte, int key, long length) {
		List<FrameTap> takers = this.takers;
		if (takers == null) {
			return;
		}
		byte[] payload = this.payload;
		this.takers = null;
		this.payload = NOTHING;
		this.filled = 0;
		if (!takers.isEmpty()) {
			// The relay has let the frame pass: its opcode is one that exists.
			FrameType type = Objects.requireNonNull(FrameType.of(firstByte));
			Integer mask = (this.direction == Direction.INBOUND) ? key : null;
			this.point.tell(takers, new TappedFrame(this.direction, Origin.PEER, type, (firstByte & 0x80) != 0,
					Instant.now(), 0, length, mask, Outcome.NONE, null, payload));
		}
	}

}
