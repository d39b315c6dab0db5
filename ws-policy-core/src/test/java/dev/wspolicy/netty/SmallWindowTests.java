package dev.wspolicy.netty;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Windows and memory levels other than those of the JDK.
 */
class SmallWindowTests {

	private static final int LIMIT = 8 * 1024;

	private final Random random = new Random(1);

	@ParameterizedTest
	@CsvSource({ "9, 5", "10, 6", "11, 5", "12, 8", "14, 9", "15, 5" })
	void whatIsCompressedIsReadByOthers(int window, int memLevel) throws Exception {
		Compressor compressor = Zlib.compressor(agreement(15, window, memLevel));
		assertThat(compressor).isInstanceOf(JZlibCompressor.class);
		Inflater inflater = new Inflater(true);
		for (int length : new int[] { 0, 1, 100, 5000, 70_000, 3 }) {
			byte[] message = message(length);
			ByteBuf output = Unpooled.buffer(64);
			ByteBuf input = Unpooled.directBuffer().writeZero(7).writeBytes(message);
			compressor.compress(input, 7, length, output);
			compressor.flush(output);
			assertThat(inflate(inflater, output)).isEqualTo(message);
			assertThat(input.release()).isTrue();
			assertThat(output.release()).isTrue();
		}
		compressor.recycle();
		inflater.end();
	}

	/** No reference may reach further back than the window. */
	@Test
	void windowIsKept() {
		byte[] noise = new byte[2000];
		this.random.nextBytes(noise);
		assertThat(compressedTwice(noise, 9)).isGreaterThan(3800);
		assertThat(compressedTwice(noise, 12)).isLessThan(2400);
	}

	private static int compressedTwice(byte[] noise, int window) {
		Compressor compressor = Zlib.compressor(agreement(15, window, 8));
		ByteBuf input = Unpooled.buffer().writeBytes(noise).writeBytes(noise);
		ByteBuf output = Unpooled.buffer();
		compressor.compress(input, 0, input.readableBytes(), output);
		compressor.flush(output);
		compressor.recycle();
		return output.readableBytes();
	}

	@ParameterizedTest
	@ValueSource(ints = { 9, 11, 14 })
	void whatOthersHaveCompressedIsRead(int window) throws Exception {
		Compressor sender = Zlib.compressor(agreement(15, window, 8));
		Decompressor decompressor = new Decompressor(1 << window);
		for (int length : new int[] { 1, 100, 5000, 70_000, 3 }) {
			byte[] message = message(length);
			assertThat(decompress(decompressor, compressed(sender, message))).isEqualTo(message);
			assertThat(decompressor.hasInput()).isFalse();
			decompressor.endMessage();
		}
		decompressor.recycle();
	}

	@Test
	void streamThatEndsIsFollowedByAnother() throws Exception {
		ByteBuf input = Unpooled.buffer().writeBytes(finished("one")).writeBytes(finished("two"));
		Decompressor decompressor = new Decompressor(1024);
		assertThat(new String(decompress(decompressor, input))).isEqualTo("one");
		assertThat(decompressor.isFinished()).isTrue();
		assertThat(decompressor.restart()).isTrue();
		ByteBuf output = Unpooled.buffer(LIMIT);
		decompressor.decompress(output, LIMIT);
		assertThat(output.toString(StandardCharsets.US_ASCII)).isEqualTo("two");
		assertThat(decompressor.restart()).isFalse();
	}

	@Test
	void noiseIsMalformedAndNothingElse() {
		int malformed = 0;
		for (int round = 0; round < 2000; round++) {
			byte[] noise = new byte[1 + this.random.nextInt(300)];
			this.random.nextBytes(noise);
			Decompressor decompressor = new Decompressor(512);
			try {
				decompress(decompressor, Unpooled.wrappedBuffer(noise));
			}
			catch (DataFormatException ex) {
				malformed++;
			}
			decompressor.recycle();
		}
		assertThat(malformed).isGreaterThan(1000);
	}

	@ParameterizedTest
	@CsvSource({ "512, false", "2048, true" })
	void referenceBeyondTheWindowIsMalformed(int window, boolean wellFormed) throws Exception {
		byte[] noise = new byte[2000];
		this.random.nextBytes(noise);
		Compressor sender = Zlib.compressor(agreement(15, 15, 8));
		Decompressor decompressor = new Decompressor(window);
		assertThat(decompress(decompressor, compressed(sender, noise))).isEqualTo(noise);
		decompressor.endMessage();
		ByteBuf second = compressed(sender, noise);
		assertThat(second.readableBytes()).isLessThan(200);
		if (wellFormed) {
			assertThat(decompress(decompressor, second)).isEqualTo(noise);
		}
		else {
			assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> decompress(decompressor, second));
		}
	}

	private static ByteBuf compressed(Compressor sender, byte[] message) {
		ByteBuf compressed = Unpooled.buffer();
		sender.compress(Unpooled.wrappedBuffer(message), 0, message.length, compressed);
		sender.flush(compressed);
		return compressed;
	}

	@Test
	void windowOfTheJdkIsLeftToTheJdk() {
		assertThat(Zlib.compressor(agreement(15, 15, 8))).isInstanceOf(JdkCompressor.class);
	}

	private static PerMessageDeflate agreement(int inflateWindow, int deflateWindow, int memLevel) {
		return new PerMessageDeflate("", true, true, 6, 0, inflateWindow, deflateWindow, memLevel);
	}

	private byte[] message(int length) {
		byte[] message = new byte[length];
		for (int i = 0; i < length; i++) {
			message[i] = (byte) ((i % 50 < 40) ? 'a' + i % 23 : this.random.nextInt());
		}
		return message;
	}

	private static byte[] finished(String text) {
		Deflater deflater = new Deflater(6, true);
		deflater.setInput(text.getBytes(StandardCharsets.US_ASCII));
		deflater.finish();
		byte[] output = new byte[100];
		int length = deflater.deflate(output);
		deflater.end();
		return Arrays.copyOf(output, length);
	}

	private static byte[] inflate(Inflater inflater, ByteBuf compressed) throws DataFormatException {
		byte[] input = new byte[compressed.readableBytes()];
		compressed.readBytes(input);
		inflater.setInput(input);
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		byte[] piece = new byte[LIMIT];
		for (int made = inflater.inflate(piece); made > 0; made = inflater.inflate(piece)) {
			output.write(piece, 0, made);
		}
		return output.toByteArray();
	}

	private static byte[] decompress(Decompressor decompressor, ByteBuf compressed) throws DataFormatException {
		decompressor.input(compressed);
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		ByteBuf piece = Unpooled.buffer(1000, 1000);
		while (decompressor.decompress(piece, LIMIT) > 0) {
			byte[] bytes = new byte[piece.readableBytes()];
			piece.readBytes(bytes).clear();
			output.writeBytes(bytes);
		}
		return output.toByteArray();
	}

}
