package dev.wspolicy.pipeline;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;

/**
 * The settings of a session other than its policies. A {@link PipelineDefinition} gives
 * them to each {@link SessionPipeline} that is assembled from it.
 *
 * @param inboundLimits the limits on what the client sends
 * @param outboundLimits the limits on what the upstream sends
 * @param timeouts how long the session waits
 * @param wireOptions how frames are read and written
 * @param contentType the media type of the messages
 * @param lostUpstream the status for the client when the upstream is lost; {@code null}
 * to end the client's leg without a close frame
 * @param lostClient the status for the upstream when the client is lost; {@code null} to
 * end the upstream's leg without a close frame
 * @param waterMarks how many bytes may wait to be written to a peer
 */
public record SessionSettings(Limits inboundLimits, Limits outboundLimits, Timeouts timeouts, WireOptions wireOptions,
		String contentType, @Nullable CloseStatus lostUpstream, @Nullable CloseStatus lostClient,
		WaterMarks waterMarks) {

	/**
	 * The settings that apply if nothing is configured.
	 */
	public static final SessionSettings DEFAULT = builder().build();

	/**
	 * Returns the limits of a direction.
	 * @param direction the direction
	 * @return its limits
	 */
	public Limits limits(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inboundLimits : this.outboundLimits;
	}

	/**
	 * Returns a builder that starts with the default settings.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Builds settings. What is not set has its default.
	 */
	public static final class Builder {

		private Limits inboundLimits = Limits.DEFAULT_INBOUND;

		private Limits outboundLimits = Limits.DEFAULT_OUTBOUND;

		private Timeouts timeouts = Timeouts.DEFAULT;

		private WireOptions wireOptions = WireOptions.DEFAULT;

		private String contentType = "application/json";

		private @Nullable CloseStatus lostUpstream = CloseStatus.INTERNAL_ERROR;

		private @Nullable CloseStatus lostClient = CloseStatus.GOING_AWAY;

		private WaterMarks waterMarks = WaterMarks.DEFAULT;

		private Builder() {
		}

		/**
		 * Sets the limits of both directions.
		 * @param limits the limits
		 * @return this builder
		 */
		public Builder limits(Limits limits) {
			return limits(Direction.INBOUND, limits).limits(Direction.OUTBOUND, limits);
		}

		/**
		 * Sets the limits of a direction.
		 * @param direction the direction
		 * @param limits its limits
		 * @return this builder
		 */
		public Builder limits(Direction direction, Limits limits) {
			if (direction == Direction.INBOUND) {
				this.inboundLimits = limits;
			}
			else {
				this.outboundLimits = limits;
			}
			return this;
		}

		/**
		 * Sets how long the session waits.
		 * @param timeouts the timeouts
		 * @return this builder
		 */
		public Builder timeouts(Timeouts timeouts) {
			this.timeouts = timeouts;
			return this;
		}

		/**
		 * Sets how frames are read and written.
		 * @param wireOptions the options
		 * @return this builder
		 */
		public Builder wireOptions(WireOptions wireOptions) {
			this.wireOptions = wireOptions;
			return this;
		}

		/**
		 * Sets the media type of the messages.
		 * @param contentType the media type
		 * @return this builder
		 */
		public Builder contentType(String contentType) {
			this.contentType = contentType;
			return this;
		}

		/**
		 * Sets the status for the client when the upstream is lost.
		 * @param status the status, or {@code null} to end the client's leg without a
		 * close frame
		 * @return this builder
		 */
		public Builder lostUpstream(@Nullable CloseStatus status) {
			this.lostUpstream = status;
			return this;
		}

		/**
		 * Sets the status for the upstream when the client is lost.
		 * @param status the status, or {@code null} to end the upstream's leg without a
		 * close frame
		 * @return this builder
		 */
		public Builder lostClient(@Nullable CloseStatus status) {
			this.lostClient = status;
			return this;
		}

		/**
		 * Sets how many bytes may wait to be written to a peer.
		 * @param waterMarks the water marks
		 * @return this builder
		 */
		public Builder waterMarks(WaterMarks waterMarks) {
			this.waterMarks = waterMarks;
			return this;
		}

		/**
		 * Builds the settings.
		 * @return the settings
		 */
		public SessionSettings build() {
			return new SessionSettings(this.inboundLimits, this.outboundLimits, this.timeouts, this.wireOptions,
					this.contentType, this.lostUpstream, this.lostClient, this.waterMarks);
		}

	}

}
