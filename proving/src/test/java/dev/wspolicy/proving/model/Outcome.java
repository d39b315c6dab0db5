package dev.wspolicy.proving.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * What a peer has been sent: whole messages and control frames in order, with their
 * types, and the close frame.
 *
 * @param got the messages and control frames
 * @param close the code of the close frame, or {@code null} if there is none
 */
record Outcome(List<String> got, @Nullable Integer close) {

	/**
	 * Reads what has been written to a peer.
	 * @param to the peer
	 * @param bytes the bytes
	 * @param cut whether the last frame may be incomplete
	 * @return what the peer makes of it
	 */
	static Outcome of(Side to, byte[] bytes, boolean cut) {
		List<String> got = new ArrayList<>();
		Integer close = null;
		ByteArrayOutputStream message = new ByteArrayOutputStream();
		boolean inMessage = false;
		ByteArrayInputStream input = new ByteArrayInputStream(bytes);
		while (input.available() > 0) {
			WireFrame frame;
			try {
				frame = WireFrame.read(input);
			}
			catch (IOException ex) {
				require(cut, "cut within a frame", to);
				return new Outcome(got, close);
			}
			require(close == null, "a frame behind the close frame", to);
			require(frame.isMasked() == (to == Side.UPSTREAM) && frame.rsv() == 0, "invalid " + frame, to);
			switch (frame.opcode()) {
				case WireFrame.TEXT, WireFrame.CONTINUATION -> {
					require(inMessage == (frame.opcode() == WireFrame.CONTINUATION), "out of sequence: " + frame, to);
					inMessage = !frame.fin();
					message.writeBytes(frame.payload());
					if (frame.fin()) {
						got.add("text " + message);
						message.reset();
					}
				}
				case WireFrame.PING -> got.add("ping " + frame.payloadAsText());
				case WireFrame.PONG -> got.add("pong " + frame.payloadAsText());
				case WireFrame.CLOSE -> {
					close = (frame.payload().length != 0) ? frame.closeCode() : 0;
				}
				default -> throw new AssertionError("to " + to + ": " + frame);
			}
		}
		return new Outcome(got, close);
	}

	private static void require(boolean condition, String otherwise, Side to) {
		if (!condition) {
			throw new AssertionError("to " + to + ": " + otherwise);
		}
	}

}
