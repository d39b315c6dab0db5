package dev.wspolicy.pipeline;

/**
 * What happens to live sessions when the configuration that they were opened with
 * changes.
 *
 * @param applyToLive whether they take on the policies and limits of a changed pipeline,
 * between two messages; if not, only new sessions do
 * @param closeOnRouteChange whether they are closed when their route changes or is
 * removed
 */
public record ReloadBehavior(boolean applyToLive, boolean closeOnRouteChange) {

	/**
	 * Live sessions stay as they were opened.
	 */
	public static final ReloadBehavior KEEP = new ReloadBehavior(false, false);

}
