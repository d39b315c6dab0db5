package dev.wspolicy.pipeline;

/**
 * What becomes of live sessions when what they were opened with changes.
 *
 * @param applyToLive whether they take on the policies and limits of a changed pipeline,
 * between two messages; if not, only new sessions do
 * @param closeOnRouteChange whether they are closed when their route changes or vanishes
 */
public record OnChange(boolean applyToLive, boolean closeOnRouteChange) {

	/**
	 * They stay as they were opened.
	 */
	public static final OnChange KEEP = new OnChange(false, false);

}
