package dev.wspolicy.policy;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.InvalidUtf8Exception;
import dev.wspolicy.frame.TextFrame;

/**
 * A {@link FramePolicy} on the text of messages. It is shown whole text messages only, so
 * {@link WsPolicy#types()} need not be set; binary messages pass it unseen and, unless
 * another policy reads them, unassembled.
 * <p>
 * What {@code FramePolicy} says of threads, state and failures holds here too. A message
 * that is not UTF-8 closes the session with 1007
 * (<a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section
 * 8.1</a>) and is not shown.
 */
@FunctionalInterface
public interface TextPolicy extends FramePolicy {

	/**
	 * Decides what happens to a text message.
	 * @param text the text of the message
	 * @param context where the message travels, and in which session
	 * @return the verdict, never {@code null}
	 */
	Verdict apply(String text, FrameContext context);

	/**
	 * Reads the text of a message and passes it on. Frames of other types are forwarded.
	 * @throws InvalidUtf8Exception if the message is not UTF-8
	 * @throws IllegalStateException if the frame is a fragment, whose text may end within
	 * a character
	 */
	@Override
	default Verdict apply(Frame frame, FrameContext context) {
		if (!(frame instanceof TextFrame message)) {
			return Verdict.forward();
		}
		if (!frame.fin()) {
			throw new IllegalStateException("frame: " + frame + " (expected: a whole message, as with Granularity."
					+ Granularity.MESSAGE + ")");
		}
		return apply(message.text(), context);
	}

}
