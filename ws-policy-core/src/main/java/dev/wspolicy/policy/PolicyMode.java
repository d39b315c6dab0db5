package dev.wspolicy.policy;

/**
 * Whether the verdicts of a policy take effect.
 */
public enum PolicyMode {

	/** The verdicts are carried out. */
	ENFORCE,

	/**
	 * The policy sees each frame or upgrade as it would otherwise, and what it would have
	 * done is recorded. The frame is forwarded, the upgrade accepted.
	 */
	OBSERVE,

	/** The policy is not called. */
	OFF

}
