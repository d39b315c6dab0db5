package dev.wspolicy.observation;

import java.util.List;

import io.micrometer.core.instrument.Meter;

/**
 * The meters and their tags.
 */
public enum WsPolicyMeters {

	/**
	 * The number of live sessions.
	 */
	SESSIONS_ACTIVE("wspolicy.sessions.active", Meter.Type.GAUGE, "Live WebSocket sessions", Tags.ROUTE),

	/**
	 * The duration of sessions, recorded when they close.
	 */
	SESSION_DURATION("wspolicy.session.duration", Meter.Type.TIMER, "Duration of WebSocket sessions", Tags.ROUTE),

	/**
	 * The number of closed sessions.
	 */
	SESSIONS_CLOSED("wspolicy.sessions.closed", Meter.Type.COUNTER, "Closed WebSocket sessions", Tags.ROUTE, Tags.CAUSE,
			Tags.INITIATOR, Tags.CODE, Tags.POLICY),

	/**
	 * The number of upgrade requests, by response status.
	 */
	UPGRADES("wspolicy.upgrades", Meter.Type.COUNTER, "Completed WebSocket upgrade requests", Tags.ROUTE, Tags.STATUS,
			Tags.OUTCOME, Tags.POLICY),

	/**
	 * The number of frames received, including control frames.
	 */
	FRAMES("wspolicy.frames", Meter.Type.COUNTER, "WebSocket frames received", Tags.ROUTE, Tags.DIRECTION, Tags.TYPE),

	/**
	 * The number of data messages received.
	 */
	MESSAGES("wspolicy.messages", Meter.Type.COUNTER, "WebSocket messages received", Tags.ROUTE, Tags.DIRECTION),

	/**
	 * The number of payload bytes received.
	 */
	BYTES("wspolicy.bytes", Meter.Type.COUNTER, "WebSocket payload received", Tags.ROUTE, Tags.DIRECTION, Tags.TYPE),

	/**
	 * The number of verdicts.
	 */
	VERDICTS("wspolicy.verdicts", Meter.Type.COUNTER, "Verdicts of policies on WebSocket frames", Tags.ROUTE,
			Tags.POLICY, Tags.DIRECTION, Tags.VERDICT),

	/**
	 * The number of verdicts of observed policies that would not have forwarded a frame.
	 */
	VERDICTS_OBSERVED("wspolicy.verdicts.observed", Meter.Type.COUNTER,
			"Verdicts that observed policies would have given WebSocket frames", Tags.ROUTE, Tags.POLICY,
			Tags.DIRECTION, Tags.VERDICT),

	/**
	 * The number of upgrades that observed policies would have refused.
	 */
	UPGRADES_OBSERVED("wspolicy.upgrades.observed", Meter.Type.COUNTER,
			"WebSocket upgrades that observed policies would have refused", Tags.ROUTE, Tags.STATUS, Tags.POLICY),

	/**
	 * The duration of policy calls, for a sample of the frames.
	 */
	POLICY_TIME("wspolicy.policy.time", Meter.Type.TIMER,
			"Duration of policy calls, for a sample of the WebSocket frames", Tags.ROUTE, Tags.POLICY, Tags.DIRECTION),

	/**
	 * The number of frames whose verdict was delayed, and their delay.
	 */
	POLICY_WAIT("wspolicy.policy.wait", Meter.Type.TIMER, "Time that WebSocket frames wait for delayed verdicts",
			Tags.ROUTE, Tags.POLICY, Tags.DIRECTION),

	/**
	 * The number of bytes in memory that have not been written to a side yet.
	 */
	BUFFERED("wspolicy.buffered", Meter.Type.GAUGE, "WebSocket bytes in memory that have not been written yet",
			Tags.SIDE),

	/**
	 * The number of turns of event loops that sessions have had, and their time.
	 */
	LOOP_TURN("wspolicy.loop.turn", Meter.Type.TIMER, "Turns of event loops for WebSocket sessions"),

	/**
	 * The longest turn of the current and the previous minute.
	 */
	LOOP_TURN_MAX("wspolicy.loop.turn.max", Meter.Type.GAUGE,
			"Longest recent turn of an event loop for a WebSocket session"),

	/**
	 * The number of live sessions when the drain began, or 0 if there is no drain.
	 */
	DRAIN_SESSIONS("wspolicy.drain.sessions", Meter.Type.GAUGE, "WebSocket sessions when the drain began"),

	/**
	 * The number of sessions that the drain has not closed yet, or 0 if there is no
	 * drain.
	 */
	DRAIN_LEFT("wspolicy.drain.left", Meter.Type.GAUGE, "WebSocket sessions that the drain has not closed yet"),

	/**
	 * The number of running taps.
	 */
	TAPS_ACTIVE("wspolicy.taps.active", Meter.Type.GAUGE, "Running taps on WebSocket sessions"),

	/**
	 * The number of frames that taps have recorded.
	 */
	TAP_RECORDS("wspolicy.tap.records", Meter.Type.COUNTER, "WebSocket frames recorded by taps"),

	/**
	 * The number of frames that taps dropped because the buffer was full or the rate was
	 * exceeded.
	 */
	TAP_DROPPED("wspolicy.tap.dropped", Meter.Type.COUNTER, "WebSocket frames dropped by taps");

	private final String meterName;

	private final Meter.Type type;

	private final String description;

	private final List<String> tags;

	WsPolicyMeters(String meterName, Meter.Type type, String description, String... tags) {
		this.meterName = meterName;
		this.type = type;
		this.description = description;
		this.tags = List.of(tags);
	}

	/**
	 * Return the name of the meter in Micrometer's dotted notation.
	 * @return the name
	 */
	public String meterName() {
		return this.meterName;
	}

	/**
	 * Return the type of the meter.
	 * @return the type
	 */
	public Meter.Type type() {
		return this.type;
	}

	/**
	 * Return a short description of the meter.
	 * @return the description
	 */
	public String description() {
		return this.description;
	}

	/**
	 * Return the keys of the meter's tags.
	 * @return the keys
	 */
	public List<String> tags() {
		return this.tags;
	}

	/**
	 * The keys of tags.
	 */
	static final class Tags {

		static final String ROUTE = "route";

		static final String DIRECTION = "direction";

		static final String TYPE = "type";

		static final String POLICY = "policy";

		static final String VERDICT = "verdict";

		static final String SIDE = "side";

		static final String STATUS = "status";

		static final String OUTCOME = "outcome";

		static final String CAUSE = "cause";

		static final String INITIATOR = "initiator";

		static final String CODE = "code";

		private Tags() {
		}

	}

}
