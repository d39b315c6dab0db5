package dev.wspolicy.frame;

/**
 * A way to read a frame, a JSON tree for one. A view is computed at most once per frame
 * and then shared by all policies that ask for it with the same instance, so keep views
 * in constants.
 *
 * @param <T> what a frame is read as; treat it as immutable, since others see it too
 */
@FunctionalInterface
public interface FrameView<T> {

	/**
	 * Read a frame.
	 * @param frame the frame
	 * @return what it is read as
	 */
	T read(Frame frame);

}
