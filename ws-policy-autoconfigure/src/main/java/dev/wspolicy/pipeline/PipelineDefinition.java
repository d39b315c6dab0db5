package dev.wspolicy.pipeline;

import java.util.List;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;

/**
 * A pipeline as it is configured, before the policies that bind themselves by annotation
 * have joined it.
 *
 * @param name the name of the pipeline
 * @param enabled whether upgrades are accepted
 * @param inbound the policies listed for what the client sends, in order
 * @param outbound the policies listed for what the upstream sends, in order
 * @param inboundLimits what the client may send
 * @param outboundLimits what the upstream may send
 * @param timeouts how long sessions wait
 * @param framing what becomes of frames on the wire
 * @param contentType the media type of the messages
 * @param lostUpstream what the client is told when the upstream is lost
 * @param lostClient what the upstream is told when the client is lost
 * @param upgrade the policies listed for upgrades, in order
 * @param onChange what becomes of live sessions when their pipeline or route changes
 * @param waterMarks how many bytes may wait for a peer
 */
public record PipelineDefinition(String name, boolean enabled, List<PolicyBinding> inbound,
		List<PolicyBinding> outbound, Limits inboundLimits, Limits outboundLimits, Timeouts timeouts, Framing framing,
		String contentType, CloseStatus lostUpstream, CloseStatus lostClient, List<UpgradeBinding> upgrade,
		OnChange onChange, WaterMarks waterMarks) {

	/**
	 * The name of the pipeline that serves where no other is named.
	 */
	public static final String DEFAULT_NAME = "default";

	public PipelineDefinition {
		inbound = List.copyOf(inbound);
		outbound = List.copyOf(outbound);
		upgrade = List.copyOf(upgrade);
	}

	/**
	 * A pipeline without upgrade policies, and with the default water marks.
	 * @param name the name of the pipeline
	 * @param enabled whether upgrades are accepted
	 * @param inbound the policies listed for what the client sends, in order
	 * @param outbound the policies listed for what the upstream sends, in order
	 * @param inboundLimits what the client may send
	 * @param outboundLimits what the upstream may send
	 * @param timeouts how long sessions wait
	 * @param framing what becomes of frames on the wire
	 * @param contentType the media type of the messages
	 * @param lostUpstream what the client is told when the upstream is lost
	 * @param lostClient what the upstream is told when the client is lost
	 */
	public PipelineDefinition(String name, boolean enabled, List<PolicyBinding> inbound, List<PolicyBinding> outbound,
			Limits inboundLimits, Limits outboundLimits, Timeouts timeouts, Framing framing, String contentType,
			CloseStatus lostUpstream, CloseStatus lostClient) {
		this(name, enabled, inbound, outbound, inboundLimits, outboundLimits, timeouts, framing, contentType,
				lostUpstream, lostClient, List.of(), OnChange.KEEP, WaterMarks.DEFAULT);
	}

	/**
	 * The policies listed for a direction.
	 * @param direction the direction
	 * @return the policies, in order
	 */
	public List<PolicyBinding> listed(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
