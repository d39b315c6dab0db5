package dev.wspolicy.netty;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.relay.RelayTap;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Origin;
import dev.wspolicy.session.TappedFrame.Outcome;

/**
 * The taps of one session. Exists only while the session is tapped. Confined to the event
 * loop.
 */
final class TapPoint implements RelayTap {

	private static final Log logger = LogFactory.getLog(TapPoint.class);

	private final ProxiedSession session;

	private final RelayDriver driver;

	/** Replaced and never modified, because a tap may be removed while it is called. */
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

	/** Returns the taps that want the next frame. */
	List<FrameTap> interested() {
		List<FrameTap> interested = new ArrayList<>(1);
		for (FrameTap tap : this.taps) {
			try {
				if (tap.wantsNext()) {
					interested.add(tap);
				}
			}
			catch (Throwable ex) {
				removeFailed(tap, ex);
			}
		}
		return interested;
	}

	/** Returns the largest number of payload bytes that one of them wants. */
	int payloadLimit(List<FrameTap> interested) {
		int limit = 0;
		for (FrameTap tap : interested) {
			try {
				limit = Math.max(limit, tap.payloadLimit());
			}
			catch (Throwable ex) {
				removeFailed(tap, ex);
			}
		}
		return limit;
	}

	void tell(List<FrameTap> interested, TappedFrame frame) {
		for (FrameTap tap : interested) {
			try {
				tap.onFrame(this.session, frame);
			}
			catch (Throwable ex) {
				removeFailed(tap, ex);
			}
		}
	}

	/** Removes a tap that has failed, so that the session does not suffer from it. */
	private void removeFailed(FrameTap tap, Throwable failure) {
		logger.warn("A tap on session " + this.session.id() + " failed and has been removed", failure);
		this.driver.untap(tap);
	}

	@Override
	public void onOutcome(Direction direction, Origin origin, Frame frame, Outcome outcome, @Nullable String policy,
			List<ObservedVerdict> observed, long nanos) {
		boolean masked = origin == Origin.PEER && direction == Direction.INBOUND;
		Integer key = masked ? this.driver.from(Side.CLIENT).scanner().header().key() : null;
		tell(direction, origin, frame, key, outcome, policy, observed, nanos);
	}

	@Override
	public void onObserved(ObservedVerdict verdict) {
		for (FrameTap tap : interested()) {
			try {
				tap.onObserved(this.session, verdict);
			}
			catch (Throwable ex) {
				removeFailed(tap, ex);
			}
		}
	}

	@Override
	public void onMade(Side side, Origin origin, @Nullable String policy, Frame frame) {
		tell(side.peer().sends(), origin, frame, null, Outcome.NONE, policy, List.of(), 0);
	}

	private void tell(Direction direction, Origin origin, Frame frame, @Nullable Integer key, Outcome outcome,
			@Nullable String policy, List<ObservedVerdict> observed, long nanos) {
		List<FrameTap> interested = interested();
		if (!interested.isEmpty()) {
			FrameType type = frame.type();
			byte[] payload;
			try {
				payload = FrameAccess.payload(frame).head(payloadLimit(interested));
			}
			catch (Throwable ex) {
				// A policy has created a frame that cannot be read, which becomes
				// apparent when it is written; or there is no memory for the copy.
				logger.debug("Session " + this.session.id() + ": a frame cannot be shown to taps", ex);
				return;
			}
			tell(interested, new TappedFrame(direction, origin, type, frame.fin(), Instant.now().minusNanos(nanos),
					nanos, frame.length(), key, outcome, policy, observed, payload));
		}
	}

}
