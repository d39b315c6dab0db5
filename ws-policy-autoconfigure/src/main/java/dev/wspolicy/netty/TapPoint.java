package dev.wspolicy.netty;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.relay.RelayTap;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * Where a session is tapped. There is none as long as it is not. Confined to the event
 * loop.
 */
final class TapPoint implements RelayTap {

	private static final Log logger = LogFactory.getLog(TapPoint.class);

	private final ProxiedSession session;

	private final RelayDriver driver;

	/** Replaced, never changed: a tap may be taken off while it is told. */
	private List<FrameTap> taps = List.of();

	TapPoint(ProxiedSession session, RelayDriver driver) {
		this.session = session;
		this.driver = driver;
	}

	void add(FrameTap tap) {
		if (!this.taps.contains(tap)) {
			List<FrameTap> taps = new ArrayList<>(this.taps);
			taps.add(tap);
			this.taps = taps;
		}
	}

	void remove(FrameTap tap) {
		this.taps = this.taps.stream().filter((other) -> !other.equals(tap)).toList();
	}

	boolean isEmpty() {
		return this.taps.isEmpty();
	}

	/** Those who want to be told of the next frame. */
	List<FrameTap> takers() {
		List<FrameTap> takers = new ArrayList<>(1);
		for (FrameTap tap : this.taps) {
			try {
				if (tap.wantsNext()) {
					takers.add(tap);
				}
			}
			catch (Throwable ex) {
				takeOff(tap, ex);
			}
		}
		return takers;
	}

	/** How much of a payload they want to see. */
	int payloadLimit(List<FrameTap> takers) {
		int limit = 0;
		for (FrameTap tap : takers) {
			try {
				limit = Math.max(limit, tap.payloadLimit());
			}
			catch (Throwable ex) {
				takeOff(tap, ex);
			}
		}
		return limit;
	}

	void tell(List<FrameTap> takers, TappedFrame frame) {
		for (FrameTap tap : takers) {
			try {
				tap.onFrame(this.session, frame);
			}
			catch (Throwable ex) {
				takeOff(tap, ex);
			}
		}
	}

	/** Whatever it throws, the session must not suffer from being looked at. */
	private void takeOff(FrameTap tap, Throwable failure) {
		logger.warn("A tap on session " + this.session.id() + " failed, and is taken off", failure);
		this.driver.untap(tap);
	}

	@Override
	public void onJudged(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			long nanos) {
		boolean masked = origin == Origin.PEER && direction == Direction.INBOUND;
		Integer key = masked ? this.driver.reader(Side.CLIENT).key() : null;
		tell(direction, origin, frame, key, outcome, policy, nanos);
	}

	@Override
	public void onMade(Side side, Origin origin, @Nullable String policy, Frame frame) {
		tell(side.peer().sends(), origin, frame, null, Outcome.NONE, policy, 0);
	}

	private void tell(Direction direction, Origin origin, Frame frame, @Nullable Integer key, Outcome outcome,
			@Nullable String policy, long nanos) {
		List<FrameTap> takers = takers();
		if (!takers.isEmpty()) {
			FrameType type = frame.type();
			byte[] payload = frame.source().head(payloadLimit(takers));
			tell(takers, new TappedFrame(direction, origin, type, frame.fin(), Instant.now().minusNanos(nanos), nanos,
					frame.length(), key, outcome, policy, payload));
		}
	}

}
