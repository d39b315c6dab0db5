package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.autoconfigure.WsPolicyProperties.OnLoss;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Session;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Framing;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.OnChange;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WaterMarks;

/**
 * What a pipeline says, and where it says nothing, what the one named default says, and
 * where that does not, either, what is said here. Refuses values that are of no use.
 *
 * @param property the property that the pipeline stands below
 * @param own the pipeline
 * @param fallback the one named default
 */
record InheritedValues(String property, Pipeline own, Pipeline fallback) {

	<T> T get(Function<Pipeline, @Nullable T> value, T last) {
		T mine = value.apply(this.own);
		if (mine != null) {
			return mine;
		}
		T inherited = value.apply(this.fallback);
		return (inherited != null) ? inherited : last;
	}

	Framing framing() {
		return new Framing(get(Pipeline::getMasking, Masking.PRESERVE),
				get(Pipeline::getValidateUtf8, Utf8Validation.WHEN_READ), compression());
	}

	private Compression compression() {
		Compression last = Compression.OFF;
		return new Compression(compression(WsPolicyProperties.Compression::getClient, last.client()),
				compression(WsPolicyProperties.Compression::getUpstream, last.upstream()),
				compression(WsPolicyProperties.Compression::getContextTakeover, last.contextTakeover()), level(last),
				minSize(last));
	}

	private <T> T compression(Function<WsPolicyProperties.Compression, @Nullable T> value, T last) {
		return get((pipeline) -> value.apply(pipeline.getCompression()), last);
	}

	private int level(Compression last) {
		int level = compression(WsPolicyProperties.Compression::getLevel, last.level());
		if (level != last.level() && (level < 1 || level > 9)) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression.level' is " + level + ".",
					"Set it to 1, fastest, to 9, smallest.");
		}
		return level;
	}

	private long minSize(Compression last) {
		DataSize size = compression(WsPolicyProperties.Compression::getMinSize, DataSize.ofBytes(last.minSize()));
		if (size.isNegative()) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression.min-size' is " + size + ".",
					"Set it to zero or more.");
		}
		return size.toBytes();
	}

	OnChange onChange() {
		return new OnChange(get(Pipeline::getApplyToLive, false),
				get(Pipeline::getOnRouteChange, OnRouteChange.KEEP) == OnRouteChange.CLOSE);
	}

	Timeouts timeouts() {
		Timeouts last = Timeouts.DEFAULT;
		return new Timeouts(timeout("handshake-timeout", Session::getHandshakeTimeout, last.handshake()),
				timeout("close-timeout", Session::getCloseTimeout, last.close()),
				timeout("verdict-timeout", Session::getVerdictTimeout, last.verdict()),
				timeout("frame-timeout", Session::getFrameTimeout, last.frame()),
				optional("slow-consumer-timeout", Session::getSlowConsumerTimeout, last.slowConsumer()),
				optional("idle-timeout", Session::getIdleTimeout, last.idle()),
				optional("max-duration", Session::getMaxDuration, last.maxDuration()),
				new Timeouts.Heartbeat(
						optional("heartbeat.interval", (session) -> session.getHeartbeat().getInterval(),
								last.heartbeat().interval()),
						timeout("heartbeat.timeout", (session) -> session.getHeartbeat().getTimeout(),
								last.heartbeat().timeout())));
	}

	private Duration timeout(String name, Function<Session, @Nullable Duration> value, Duration last) {
		Duration timeout = get((pipeline) -> value.apply(pipeline.getSession()), last);
		if (timeout.isNegative() || timeout.isZero()) {
			throw invalid(name, timeout, "Set it to more than zero.");
		}
		return notTooLong(name, timeout);
	}

	private Duration optional(String name, Function<Session, @Nullable Duration> value, Duration last) {
		Duration timeout = get((pipeline) -> value.apply(pipeline.getSession()), last);
		if (timeout.isNegative()) {
			throw invalid(name, timeout, "Set it to more than zero, or to zero to switch it off.");
		}
		return notTooLong(name, timeout);
	}

	private Duration notTooLong(String name, Duration timeout) {
		if (timeout.compareTo(Timeouts.LONGEST) > 0) {
			throw invalid(name, timeout, "Set it to " + Timeouts.LONGEST.toDays() + " days at most.");
		}
		return timeout;
	}

	private InvalidPipelineException invalid(String name, Duration timeout, String remedy) {
		return new InvalidPipelineException(
				"The property '" + this.property + ".session." + name + "' is " + timeout + ".", remedy);
	}

	WaterMarks waterMarks() {
		int low = waterMark("low-water-mark", Session::getLowWaterMark, WaterMarks.DEFAULT.low());
		int high = waterMark("high-water-mark", Session::getHighWaterMark, WaterMarks.DEFAULT.high());
		if (low >= high) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".session.low-water-mark' is " + low
							+ " bytes, and 'high-water-mark' is " + high + " bytes.",
					"Set 'low-water-mark' to less than 'high-water-mark'. What a pipeline does not set, it takes"
							+ " from the pipeline 'default'.");
		}
		return new WaterMarks(low, high);
	}

	private int waterMark(String name, Function<Session, @Nullable DataSize> value, int last) {
		long bytes = get((pipeline) -> value.apply(pipeline.getSession()), DataSize.ofBytes(last)).toBytes();
		if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".session." + name + "' is " + bytes + " bytes.",
					"Set it to more than zero and less than 2GB.");
		}
		return (int) bytes;
	}

	Limits limits(Direction direction) {
		long fragments = get((pipeline) -> pipeline.getLimits().getFragments(), 1024L);
		if (direction == Direction.INBOUND) {
			return new Limits(size("inbound-frame", WsPolicyProperties.Limits::getInboundFrame, -1),
					size("inbound-message", WsPolicyProperties.Limits::getInboundMessage, 1),
					unlimited("fragments", fragments));
		}
		return new Limits(size("outbound-frame", WsPolicyProperties.Limits::getOutboundFrame, -1),
				size("outbound-message", WsPolicyProperties.Limits::getOutboundMessage, 16),
				unlimited("fragments", fragments));
	}

	private long size(String name, Function<WsPolicyProperties.Limits, @Nullable DataSize> value, long lastMegabytes) {
		DataSize last = (lastMegabytes < 0) ? DataSize.ofBytes(-1) : DataSize.ofMegabytes(lastMegabytes);
		return unlimited(name, get((pipeline) -> value.apply(pipeline.getLimits()), last).toBytes());
	}

	private long unlimited(String name, long value) {
		if (value == 0 || value < -1) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".limits." + name + "' is " + value + ".",
					"Set it to more than zero, or to -1 for no limit.");
		}
		return (value == -1) ? Long.MAX_VALUE : value;
	}

	CloseStatus loss(String name, Function<OnLoss, @Nullable Integer> value, CloseStatus last) {
		int code = get((pipeline) -> value.apply(pipeline.getOnLoss()), last.code());
		if (!CloseStatus.isValidOnTheWire(code)) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".on-loss." + name + "' is " + code
							+ ", which may not stand in a close frame.",
					"Use 1000 to 1003, 1007 to 1014, or 3000 to 4999.");
		}
		return CloseStatus.of(code);
	}

}
