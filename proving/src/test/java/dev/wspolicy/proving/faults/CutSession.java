package dev.wspolicy.proving.faults;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * What the two peers of a session that is cut send, and what each may receive.
 */
final class CutSession {

	/** Short and long headers, fragments with a ping between them, and a close frame. */
	private static final List<WireFrame> FRAMES = List.of(WireFrame.text("hello"), WireFrame.text("wor").fin(false),
			WireFrame.ping("?"), WireFrame.continuation("ld"), WireFrame.binary(new byte[200]), WireFrame.text(""),
			WireFrame.close(1000, "done"));

	private CutSession() {
	}

	/** Returns the frames that a side sends, as they are on the wire. */
	static WireFrame[] frames(Side side) {
		return FRAMES.stream().map((frame) -> frame.from(side)).toArray(WireFrame[]::new);
	}

	static byte[] sent(Side side) {
		return WireFrame.encodeAll(frames(side));
	}

	/** Returns how many bytes the whole frames among the first bytes take. */
	static int wholeFrames(Side side, int bytes) {
		int whole = 0;
		for (WireFrame frame : frames(side)) {
			int end = whole + frame.encode().length;
			if (end > bytes) {
				return whole;
			}
			whole = end;
		}
		return whole;
	}

	/** Whether that many bytes contain the header of the frame that they end in. */
	static boolean hasHeader(Side side, int bytes) {
		int whole = wholeFrames(side, bytes);
		for (WireFrame frame : frames(side)) {
			if (whole == 0) {
				return bytes - wholeFrames(side, bytes) >= frame.header().length;
			}
			whole -= frame.encode().length;
		}
		return false;
	}

	/**
	 * Checks what a peer has received of a peer that was cut off.
	 * @param from the side that was cut off
	 * @param passed how many of its bytes got through at least, or -1 if unknown
	 * @param received all that the other peer has received
	 * @param end how the connection of the other peer ended
	 * @param code the code that is promised to it
	 * @return what is wrong, or {@code null}
	 */
	static @Nullable String verify(Side from, int passed, byte[] received, Ending end, int code) {
		byte[] sent = sent(from);
		int common = Math.max(0, Arrays.mismatch(sent, received));
		if (Arrays.equals(sent, received)) {
			common = sent.length;
		}
		if (passed >= 0 && common < wholeFrames(from, passed)) {
			return "whole frames are missing: " + common + " of " + passed + " bytes";
		}
		byte[] rest = Arrays.copyOfRange(received, common, received.length);
		boolean whole = wholeFrames(from, common) == common;
		if (common == sent.length) {
			return (rest.length == 0) ? null : "bytes after the close frame";
		}
		if (!whole && rest.length == 0) {
			// A close frame cannot stand inside a frame.
			return null;
		}
		if (end == Ending.RESET && rest.length == 0 && passed >= 0 && hasHeader(from, passed)) {
			// The part of the frame was lost with the reset.
			return null;
		}
		List<WireFrame> close = parse(Arrays.copyOfRange(received, wholeFrames(from, common), received.length));
		if (close.size() != 1 || close.get(0).opcode() != WireFrame.CLOSE || close.get(0).closeCode() != code) {
			return "no close frame with " + code + " after " + common + " bytes, but " + end + " and " + close;
		}
		return null;
	}

	private static List<WireFrame> parse(byte[] bytes) {
		List<WireFrame> frames = new ArrayList<>();
		try (ByteArrayInputStream input = new ByteArrayInputStream(bytes)) {
			while (input.available() > 0) {
				frames.add(WireFrame.read(input));
			}
		}
		catch (IOException ex) {
			// The last one is cut.
			frames.add(WireFrame.binary(bytes));
		}
		return frames;
	}

	/**
	 * How a connection ends.
	 */
	enum Ending {

		FIN, RESET, OPEN

	}

}
