package dev.wspolicy.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class FrameScannerTests {

	private final List<String> seen = new ArrayList<>();

	private final FrameScanner scanner = new FrameScanner((firstByte, length, sequence, mark) -> {
		String content = (length < Message.KNOWN) ? ""
				: " " + (sequence == Message.digits(7)) + " " + (mark == Message.ORIGINAL);
		this.seen.add(firstByte + " " + length + content);
	});

	@ParameterizedTest
	@CsvSource({ "64, true", "64, false", "128, true", "128, false", "65536, true", "65536, false" })
	void findsFramesHoweverTheyAreCut(int size, boolean masked) {
		byte[] frame = Message.frame(size, masked);
		int place = frame.length - size + Message.SEQUENCE;
		long mask = masked ? Message.mask(Message.KEY, Message.SEQUENCE) : 0;
		ByteBuffer.wrap(frame).putLong(place, Message.digits(7) ^ mask);
		byte[] close = { (byte) 0x88, 2, 3, (byte) 0xE8 };
		byte[] all = ByteBuffer.allocate(2 * frame.length + 4).put(frame).put(close).put(frame).array();
		for (int cut : new int[] { 1, 2, 3, 7, 35, 50, 101, all.length }) {
			this.seen.clear();
			for (int from = 0; from < all.length; from += cut) {
				this.scanner.scan(ByteBuffer.wrap(all, from, Math.min(cut, all.length - from)));
			}
			String text = "129 " + size + " true true";
			assertThat(this.seen).as("in pieces of " + cut).containsExactly(text, "136 2", text);
		}
	}

}
