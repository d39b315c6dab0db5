package dev.wspolicy.observation;

import java.util.List;

import io.micrometer.core.instrument.Meter;

/**
 * All meters, with their tags.
 */
public enum WsPolicyMeters {

	/**
	 * The sessions that live now.
	 */
	SESSIONS_ACTIVE("wspolicy.sessions.active", Meter.Type.GAUGE, "Live WebSocket sessions"),

	/**
	 * How long sessions lived, recorded when they are over.
	 */
	SESSION_DURATION("wspolicy.session.duration", Meter.Type.TIMER, "Duration of WebSocket sessions", Tags.ROUTE),

	/**
	 * The sessions that are over.
	 */
	SESSIONS_CLOSED("wspolicy.sessions.closed", Meter.Type.COUNTER, "WebSocket sessions that are over", Tags.ROUTE,
			Tags.CAUSE, Tags.INITIATOR, Tags.CODE),

	/**
	 * The requests for a session, by the answer they got.
	 */
	UPGRADES("wspolicy.upgrades", Meter.Type.COUNTER, "Answered WebSocket upgrade requests", Tags.ROUTE, Tags.STATUS,
			Tags.OUTCOME),

	/**
	 * The frames that have arrived, control frames included.
	 */
	FRAMES("wspolicy.frames", Meter.Type.COUNTER, "WebSocket frames received", Tags.ROUTE, Tags.DIRECTION, Tags.TYPE),

	/**
	 * The data messages that have arrived.
	 */
	MESSAGES("wspolicy.messages", Meter.Type.COUNTER, "WebSocket messages received", Tags.ROUTE, Tags.DIRECTION),

	/**
	 * The payload bytes that have arrived.
	 */
	BYTES("wspolicy.bytes", Meter.Type.COUNTER, "WebSocket payload received", Tags.ROUTE, Tags.DIRECTION, Tags.TYPE),

	/**
	 * What policies have answered.
	 */
	VERDICTS("wspolicy.verdicts", Meter.Type.COUNTER, "Verdicts of policies on WebSocket frames", Tags.ROUTE,
			Tags.POLICY, Tags.DIRECTION, Tags.VERDICT),

	/**
	 * How long policies take to judge, of some of the frames.
	 */
	POLICY_TIME("wspolicy.policy.time", Meter.Type.TIMER, "Time that policies take to judge WebSocket frames, sampled",
			Tags.ROUTE, Tags.POLICY, Tags.DIRECTION),

	/**
	 * The bytes that are in memory on their way to a side.
	 */
	BUFFERED("wspolicy.buffered", Meter.Type.GAUGE, "WebSocket bytes in memory", Tags.SIDE),

	/**
	 * The sessions that lived when the drain began; 0 if there is none.
	 */
	DRAIN_SESSIONS("wspolicy.drain.sessions", Meter.Type.GAUGE, "WebSocket sessions when the drain began"),

	/**
	 * The sessions that the drain has left; 0 if there is none.
	 */
	DRAIN_LEFT("wspolicy.drain.left", Meter.Type.GAUGE, "WebSocket sessions that the drain has left"),

	/**
	 * The taps that run now.
	 */
	TAPS_ACTIVE("wspolicy.taps.active", Meter.Type.GAUGE, "Taps on WebSocket sessions"),

	/**
	 * The frames that taps have told of.
	 */
	TAP_RECORDS("wspolicy.tap.records", Meter.Type.COUNTER, "WebSocket frames told by taps"),

	/**
	 * The frames that taps would have told of, had there been room or had the rate let
	 * them.
	 */
	TAP_DROPPED("wspolicy.tap.dropped", Meter.Type.COUNTER, "WebSocket frames not told by taps");

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
	 * The name of the meter.
	 * @return the name, as Micrometer has it
	 */
	public String meterName() {
		return this.meterName;
	}

	/**
	 * The type of the meter.
	 * @return the type
	 */
	public Meter.Type type() {
		return this.type;
	}

	/**
	 * What the meter counts, in a few words.
	 * @return the description
	 */
	public String description() {
		return this.description;
	}

	/**
	 * The keys of the meter's tags.
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
