package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import dev.wspolicy.benchmarks.micro.Doubles;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.Side;

/**
 * A session between two channels without sockets, into which the bytes of a client are
 * fed.
 */
final class BenchmarkSession {

	/** How many frames come in one read. */
	static final int FRAMES = 16;

	private static final int KEY = 0x5A17C39E;

	private final RelayDriver driver;

	private final ByteBuf bytes;

	/**
	 * A session.
	 * @param pipeline what serves it
	 * @param size the payload length of each frame
	 */
	BenchmarkSession(SessionPipeline pipeline, int size) {
		this.bytes = frames(size);
		this.driver = new RelayDriver(Doubles.session(), pipeline, Doubles.of(RelayObserver.class, Map.of()),
				BenchmarkChannels.open(), BenchmarkChannels.open());
		this.driver.start();
	}

	private static ByteBuf frames(int size) {
		ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer();
		String filler = "lorem ipsum dolor sit amet ".repeat(size / 27 + 1);
		byte[] payload = ("{\"text\":\"" + filler).substring(0, size - 2)
			.concat("\"}")
			.getBytes(StandardCharsets.US_ASCII);
		for (int i = 0; i < FRAMES; i++) {
			bytes.writeByte(0x81);
			if (size < 126) {
				bytes.writeByte(0x80 | size);
			}
			else {
				bytes.writeByte(0x80 | 126).writeShort(size);
			}
			bytes.writeInt(KEY);
			int start = bytes.writerIndex();
			bytes.writeBytes(payload);
			Masks.apply(bytes, start, size, KEY, 0);
		}
		return bytes;
	}

	/** One read's worth of frames comes from the client. */
	void read() {
		this.driver.onRead(Side.CLIENT, System.nanoTime());
		this.driver.reader(Side.CLIENT).read(this.bytes.retainedDuplicate());
		this.driver.flush();
	}

}
