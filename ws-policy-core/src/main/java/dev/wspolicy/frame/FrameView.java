package dev.wspolicy.frame;

/**
 * A way to read a frame, for example as a JSON tree. What a view reads is computed once
 * per frame and shared by all policies that use the same instance, so keep views in
 * constants.
 *
 * @param <T> the type of the result, to be treated as immutable since it is shared
 */
@FunctionalInterface
public interface FrameView<T> {

	/**
	 * Reads a frame. Called on the thread of the policy that first uses the view for the
	 * frame. If it throws, the policy fails.
	 * @param frame the frame
	 * @return the result, never {@code null}
	 */
	T read(Frame frame);

}
