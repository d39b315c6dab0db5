package dev.wspolicy.relay;

import java.io.ByteArrayOutputStream;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;

/**
 * A message put together anew, because a policy has changed one of its fragments. As long
 * as none has, the driver's bytes serve.
 */
final class Assembly {

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	void append(Frame fragment) {
		append(fragment.source(), fragment.length());
	}

	void append(Payload payload, int length) {
		this.bytes.write(payload.bytes(), 0, length);
	}

	Frame toMessage(FrameType type) {
		return Frame.of(type, true, BinaryFrame.of(this.bytes.toByteArray()).source());
	}

	/**
	 * The fragment that ends a message whose last fragment was dropped.
	 * @return an empty final fragment
	 */
	static Frame end() {
		return ContinuationFrame.of(new byte[0], true);
	}

}
