package dev.wspolicy.pipeline;

import java.util.List;

import dev.wspolicy.frame.Direction;

/**
 * A pipeline as it is configured, before the policies that bind themselves by annotation
 * have joined it.
 *
 * @param name the name of the pipeline
 * @param enabled whether upgrades are accepted
 * @param upgrade the policies listed for upgrades, in order
 * @param inbound the policies listed for what the client sends, in order
 * @param outbound the policies listed for what the upstream sends, in order
 * @param settings the settings of the sessions
 * @param reload what happens to live sessions when their pipeline or route changes
 */
public record PipelineDefinition(String name, boolean enabled, List<UpgradeBinding> upgrade,
		List<PolicyBinding> inbound, List<PolicyBinding> outbound, SessionSettings settings, ReloadBehavior reload) {

	/**
	 * The name of the pipeline that serves the routes that name none.
	 */
	public static final String DEFAULT_NAME = "default";

	public PipelineDefinition {
		upgrade = List.copyOf(upgrade);
		inbound = List.copyOf(inbound);
		outbound = List.copyOf(outbound);
	}

	/**
	 * Creates a pipeline that accepts upgrades, has no upgrade policies, and leaves live
	 * sessions as they are.
	 * @param name the name of the pipeline
	 * @param inbound the policies listed for what the client sends, in order
	 * @param outbound the policies listed for what the upstream sends, in order
	 * @param settings the settings of the sessions
	 */
	public PipelineDefinition(String name, List<PolicyBinding> inbound, List<PolicyBinding> outbound,
			SessionSettings settings) {
		this(name, true, List.of(), inbound, outbound, settings, ReloadBehavior.KEEP);
	}

	/** The policies listed for a direction, in order. */
	List<PolicyBinding> listed(Direction direction) {
		return (direction == Direction.INBOUND) ? this.inbound : this.outbound;
	}

}
