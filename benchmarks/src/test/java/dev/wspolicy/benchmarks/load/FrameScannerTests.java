package dev.wspolicy.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class FrameScannerTests {

	private final List<String> seen = new ArrayList<>();

	@ParameterizedTest
	@CsvSource({ "64, true", "64, false", "128, true", "128, false", "65536, true", "65536, false" })
	void findsFramesHoweverTheyAreCut(int size, boolean masked) throws Exception {
		findsMessages(new FrameScanner(this::onFrame), Template.plain(size, masked), size);
	}

	@ParameterizedTest
	@CsvSource({ "64, true", "64, false", "128, true", "16384, false", "60000, true" })
	void findsCompressedMessagesHoweverTheyAreCut(int size, boolean masked) throws Exception {
		Template template = Template.compressed(size, masked);
		assertThat(template.frame()[0] & 0xFF).isEqualTo(0xC1);
		assertThat(template.length()).isLessThan(size / 2 + 60);
		findsMessages(new InflatingScanner(this::onFrame), template, size);
	}

	@ParameterizedTest
	@CsvSource({ "64, true", "128, false" })
	void findsMessagesThatAreNotCompressedAmongOthers(int size, boolean masked) throws Exception {
		findsMessages(new InflatingScanner(this::onFrame), Template.plain(size, masked), size);
	}

	private void findsMessages(MessageScanner scanner, Template template, int size) throws Exception {
		byte[] close = { (byte) 0x88, 2, 3, (byte) 0xE8 };
		ByteBuffer out = ByteBuffer.allocate(2 * template.length() + 4);
		template.put(out, 7);
		out.put(close);
		template.put(out, 7);
		byte[] all = out.array();
		for (int cut : new int[] { 1, 2, 3, 7, 35, 50, 101, all.length }) {
			this.seen.clear();
			for (int from = 0; from < all.length; from += cut) {
				scanner.scan(ByteBuffer.wrap(all, from, Math.min(cut, all.length - from)));
			}
			String text = "129 " + size + " true true";
			assertThat(this.seen).as("in pieces of " + cut).containsExactly(text, "136 2", text);
		}
	}

	private void onFrame(int firstByte, int length, long sequence, long mark) {
		String content = (length < Message.KNOWN) ? ""
				: " " + (sequence == Message.digits(7)) + " " + (mark == Message.ORIGINAL);
		this.seen.add(firstByte + " " + length + content);
	}

}
