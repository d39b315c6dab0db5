package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeTypeUtils;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.autoconfigure.WsPolicyProperties.OnLoss;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Pipeline;
import dev.wspolicy.autoconfigure.WsPolicyProperties.Session;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.pipeline.Compression;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.ReloadBehavior;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.pipeline.WireOptions;

/**
 * Resolves and validates the properties of a pipeline: a value comes from the pipeline
 * itself, then from the pipeline named {@code default}, then from the built-in defaults.
 * Every method throws {@link InvalidPipelineException} if a value is invalid.
 *
 * @param property the prefix of the pipeline's properties
 * @param pipeline the properties of the pipeline
 * @param defaults the properties of the pipeline named {@code default}
 */
record PipelinePropertyResolver(String property, Pipeline pipeline, Pipeline defaults) {

	/** How a configuration says that there is no limit. */
	private static final long NO_LIMIT = -1;

	private static final String ABORT = "abort";

	<T> T resolve(Function<Pipeline, @Nullable T> value, T defaultValue) {
		T own = value.apply(this.pipeline);
		if (own != null) {
			return own;
		}
		T inherited = value.apply(this.defaults);
		return (inherited != null) ? inherited : defaultValue;
	}

	SessionSettings settings() {
		SessionSettings builtIn = SessionSettings.DEFAULT;
		return SessionSettings.builder()
			.timeouts(Session.timeouts(this, builtIn.timeouts()))
			.limits(Direction.INBOUND, inboundLimits(builtIn.inboundLimits()))
			.limits(Direction.OUTBOUND, outboundLimits(builtIn.outboundLimits()))
			.wireOptions(wireOptions(builtIn.wireOptions()))
			.contentType(contentType(builtIn.contentType()))
			.lostUpstream(loss("upstream", OnLoss::getUpstream, builtIn.lostUpstream()))
			.lostClient(loss("client", OnLoss::getClient, builtIn.lostClient()))
			.waterMarks(waterMarks(builtIn.waterMarks()))
			.build();
	}

	private String contentType(String defaultValue) {
		String type = resolve(Pipeline::getContentType, defaultValue);
		try {
			if (MimeTypeUtils.parseMimeType(type).isConcrete()) {
				return type;
			}
		}
		catch (InvalidMimeTypeException ex) {
			// Reported below
		}
		throw new InvalidPipelineException("The property '" + this.property + ".content-type' is '" + type + "'.",
				"Set it to a media type such as application/json.");
	}

	private WireOptions wireOptions(WireOptions defaultValue) {
		return new WireOptions(resolve(Pipeline::getMasking, defaultValue.masking()),
				resolve(Pipeline::getValidateUtf8, defaultValue.validateUtf8()),
				compression(defaultValue.compression()));
	}

	private Compression compression(Compression defaultValue) {
		return new Compression(compression(WsPolicyProperties.Compression::getClient, defaultValue.client()),
				compression(WsPolicyProperties.Compression::getUpstream, defaultValue.upstream()),
				compression(WsPolicyProperties.Compression::getContextTakeover, defaultValue.contextTakeover()),
				level(defaultValue), minSize(defaultValue),
				zlib("window-bits", WsPolicyProperties.Compression::getWindowBits, defaultValue.windowBits(), 9, 15),
				zlib("mem-level", WsPolicyProperties.Compression::getMemLevel, defaultValue.memLevel(),
						Compression.MIN_MEM_LEVEL, 9));
	}

	private <T> T compression(Function<WsPolicyProperties.Compression, @Nullable T> value, T defaultValue) {
		return resolve((pipeline) -> value.apply(pipeline.getCompression()), defaultValue);
	}

	private int level(Compression defaultValue) {
		int level = compression(WsPolicyProperties.Compression::getLevel, defaultValue.level());
		if (level != defaultValue.level() && (level < 1 || level > 9)) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression.level' is " + level + ".",
					"Set it to a number from 1 (fastest) to 9 (smallest).");
		}
		return level;
	}

	/** Return a parameter of zlib that the JDK's does not have. */
	private int zlib(String name, Function<WsPolicyProperties.Compression, @Nullable Integer> value, int defaultValue,
			int least, int most) {
		int parameter = compression(value, defaultValue);
		if (parameter < least || parameter > most) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression." + name + "' is " + parameter + ".",
					"Set it to a number from " + least + " to " + most + ".");
		}
		if (parameter != defaultValue && !PerMessageDeflate.supportsSmallWindows()) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression." + name + "' is " + parameter
							+ ", which needs a library that is not on the class path.",
					"Add com.jcraft:jzlib, or remove the property.");
		}
		return parameter;
	}

	private long minSize(Compression defaultValue) {
		DataSize size = compression(WsPolicyProperties.Compression::getMinSize,
				DataSize.ofBytes(defaultValue.minSize()));
		if (size.isNegative()) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".compression.min-size' is " + size + ".",
					"Set it to zero or more.");
		}
		return size.toBytes();
	}

	ReloadBehavior reload() {
		return new ReloadBehavior(resolve(Pipeline::getApplyToLive, false),
				resolve(Pipeline::getOnRouteChange, OnRouteChange.KEEP) == OnRouteChange.CLOSE);
	}

	/** Return a timeout that cannot be disabled. */
	Duration timeout(String name, Function<Session, @Nullable Duration> value, Duration defaultValue) {
		Duration timeout = resolve((pipeline) -> value.apply(pipeline.getSession()), defaultValue);
		if (timeout.isNegative() || timeout.isZero()) {
			throw invalid(name, timeout, "Set it to more than zero.");
		}
		return notTooLong(name, timeout);
	}

	/** Return a timeout that zero disables. */
	Duration optional(String name, Function<Session, @Nullable Duration> value, Duration defaultValue) {
		Duration timeout = resolve((pipeline) -> value.apply(pipeline.getSession()), defaultValue);
		if (timeout.isNegative()) {
			throw invalid(name, timeout, "Set it to more than zero, or to zero to switch it off.");
		}
		return notTooLong(name, timeout);
	}

	/** Return the jitter of a maximum duration, which must leave some of it. */
	Duration maxDurationJitter(Duration maxDuration, Duration defaultValue) {
		Duration jitter = optional("max-duration-jitter", Session::getMaxDurationJitter, defaultValue);
		if (!maxDuration.isZero() && jitter.compareTo(maxDuration) >= 0) {
			throw invalid("max-duration-jitter", jitter, "Set it to less than 'max-duration', which is " + maxDuration
					+ ". A pipeline inherits what it does not set from the pipeline 'default'.");
		}
		return jitter;
	}

	private Duration notTooLong(String name, Duration timeout) {
		if (timeout.compareTo(Timeouts.LONGEST) > 0) {
			throw invalid(name, timeout, "Set it to at most " + Timeouts.LONGEST.toDays() + " days.");
		}
		return timeout;
	}

	private InvalidPipelineException invalid(String name, Duration timeout, String remedy) {
		return new InvalidPipelineException(
				"The property '" + this.property + ".session." + name + "' is " + timeout + ".", remedy);
	}

	private WaterMarks waterMarks(WaterMarks defaultValue) {
		int low = waterMark("low-water-mark", Session::getLowWaterMark, defaultValue.low());
		int high = waterMark("high-water-mark", Session::getHighWaterMark, defaultValue.high());
		if (low >= high) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".session.low-water-mark' is " + low
							+ " bytes, and 'high-water-mark' is " + high + " bytes.",
					"Set 'low-water-mark' to less than 'high-water-mark'. A pipeline inherits what it does not set"
							+ " from the pipeline 'default'.");
		}
		return new WaterMarks(low, high);
	}

	private int waterMark(String name, Function<Session, @Nullable DataSize> value, int defaultValue) {
		long bytes = resolve((pipeline) -> value.apply(pipeline.getSession()), DataSize.ofBytes(defaultValue))
			.toBytes();
		if (bytes <= 0 || bytes > Integer.MAX_VALUE) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".session." + name + "' is " + bytes + " bytes.",
					"Set it to more than zero and less than 2GB.");
		}
		return (int) bytes;
	}

	private Limits inboundLimits(Limits defaultValue) {
		return new Limits(size("inbound-frame", WsPolicyProperties.Limits::getInboundFrame, defaultValue.frame()),
				size("inbound-message", WsPolicyProperties.Limits::getInboundMessage, defaultValue.message()),
				fragments("inbound-fragments", WsPolicyProperties.Limits::getInboundFragments,
						defaultValue.fragments()));
	}

	private Limits outboundLimits(Limits defaultValue) {
		return new Limits(size("outbound-frame", WsPolicyProperties.Limits::getOutboundFrame, defaultValue.frame()),
				size("outbound-message", WsPolicyProperties.Limits::getOutboundMessage, defaultValue.message()),
				fragments("outbound-fragments", WsPolicyProperties.Limits::getOutboundFragments,
						defaultValue.fragments()));
	}

	private long fragments(String name, Function<WsPolicyProperties.Limits, @Nullable Long> value, long defaultValue) {
		long fragments = resolve((pipeline) -> {
			Long own = value.apply(pipeline.getLimits());
			return (own != null) ? own : pipeline.getLimits().getFragments();
		}, written(defaultValue));
		boolean named = value.apply(this.pipeline.getLimits()) != null;
		return unlimited((named || this.pipeline.getLimits().getFragments() == null) ? name : "fragments", fragments);
	}

	private long size(String name, Function<WsPolicyProperties.Limits, @Nullable DataSize> value, long defaultValue) {
		return unlimited(name,
				resolve((pipeline) -> value.apply(pipeline.getLimits()), DataSize.ofBytes(written(defaultValue)))
					.toBytes());
	}

	private static long written(long limit) {
		return (limit == Long.MAX_VALUE) ? NO_LIMIT : limit;
	}

	private long unlimited(String name, long value) {
		if (value == 0 || value < NO_LIMIT) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".limits." + name + "' is " + value + ".",
					"Set it to more than zero, or to -1 for no limit.");
		}
		return (value == NO_LIMIT) ? Long.MAX_VALUE : value;
	}

	/** Return the close status to send, or {@code null} to send no close frame. */
	private @Nullable CloseStatus loss(String name, Function<OnLoss, @Nullable String> value,
			@Nullable CloseStatus defaultValue) {
		String answer = resolve((pipeline) -> value.apply(pipeline.getOnLoss()),
				(defaultValue != null) ? Integer.toString(defaultValue.code()) : ABORT)
			.strip();
		if (answer.equalsIgnoreCase(ABORT)) {
			return null;
		}
		try {
			return CloseStatus.of(Integer.parseInt(answer));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidPipelineException(
					"The property '" + this.property + ".on-loss." + name + "' is " + answer
							+ ((ex instanceof NumberFormatException) ? "."
									: ", which is not allowed in a close frame."),
					"Use " + CloseStatus.CODES + ", or 'abort' for no close frame at all.");
		}
	}

}
