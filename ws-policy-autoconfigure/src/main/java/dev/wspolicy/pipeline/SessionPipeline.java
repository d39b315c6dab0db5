package dev.wspolicy.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FramePolicy;

/**
 * All that serves a session once its route and subprotocol are known.
 *
 * @param name the name of the pipeline
 * @param inbound the policies on what the client sends
 * @param outbound the policies on what the upstream sends
 * @param policies each policy of either direction once, by identity, for its callbacks
 * @param inboundLimits what the client may send
 * @param outboundLimits what the upstream may send
 * @param timeouts how long the session waits
 * @param framing what becomes of frames on the wire
 * @param contentType the media type of the messages
 * @param lostUpstream what the client is told when the upstream is lost
 * @param lostClient what the upstream is told when the client is lost
 * @param waterMarks how many bytes may wait for a peer
 */
public record SessionPipeline(String name, DirectionPipeline inbound, DirectionPipeline outbound,
		List<FramePolicy> policies, Limits inboundLimits, Limits outboundLimits, Timeouts timeouts, Framing framing,
		String contentType, CloseStatus lostUpstream, CloseStatus lostClient, WaterMarks waterMarks) {

	/**
	 * A pipeline with its policies.
	 * @param definition how the pipeline is configured
	 * @param inbound the inbound policies, in order
	 * @param outbound the outbound policies, in order
	 * @return the pipeline
	 */
	public static SessionPipeline of(PipelineDefinition definition, List<PolicyBinding> inbound,
			List<PolicyBinding> outbound) {
		List<FramePolicy> policies = new ArrayList<>();
		Stream.concat(inbound.stream(), outbound.stream()).map(PolicyBinding::policy).forEach((policy) -> {
			// Two policies may be equal, records for example, and are two all the same.
			if (policies.stream().noneMatch((other) -> other == policy)) {
				policies.add(policy);
			}
		});
		return new SessionPipeline(definition.name(), DirectionPipeline.of(inbound), DirectionPipeline.of(outbound),
				List.copyOf(policies), definition.inboundLimits(), definition.outboundLimits(), definition.timeouts(),
				definition.framing(), definition.contentType(), definition.lostUpstream(), definition.lostClient(),
				definition.waterMarks());
	}

	/**
	 * The policies of a direction.
	 * @param direction the direction
	 * @return its policies
	 */
	public DirectionPipeline policies(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

	/**
	 * The limits of a direction.
	 * @param direction the direction
	 * @return its limits
	 */
	public Limits limits(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inboundLimits : this.outboundLimits;
	}

}
