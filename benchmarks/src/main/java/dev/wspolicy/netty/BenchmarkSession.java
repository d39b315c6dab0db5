package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.benchmarks.micro.Doubles;
import dev.wspolicy.benchmarks.micro.PolicyLine;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;

/**
 * A session between two channels without sockets, into which the bytes of one side are
 * fed.
 */
final class BenchmarkSession implements AutoCloseable {

	/** How many frames come in one read. */
	static final int FRAMES = 16;

	private static final int KEY = 0x5A17C39E;

	private final EmbeddedChannel client;

	private final EmbeddedChannel upstream;

	private final RelayDriver driver;

	private final Side from;

	private final ByteBuf bytes;

	/**
	 * A session.
	 * @param pipeline what serves it
	 * @param size the payload length of each frame
	 */
	BenchmarkSession(SessionPipeline pipeline, int size) {
		this(pipeline, null, Side.CLIENT, text(size), BenchmarkChannels.open(), BenchmarkChannels.open());
	}

	/**
	 * A session of which a line of the table tells.
	 * @param pipeline what serves it
	 * @param line what it is used for
	 */
	BenchmarkSession(SessionPipeline pipeline, PolicyLine line) {
		this(pipeline, line, BenchmarkChannels.open(), BenchmarkChannels.open());
	}

	BenchmarkSession(SessionPipeline pipeline, PolicyLine line, EmbeddedChannel client, EmbeddedChannel upstream) {
		this(pipeline, line.subprotocol(), line.from(), line.messageBytes(), client, upstream);
		if (!line.first().isEmpty()) {
			read(Side.CLIENT, frames(Side.CLIENT, line.firstBytes(), 1));
		}
	}

	private BenchmarkSession(SessionPipeline pipeline, @Nullable String subprotocol, Side from, byte[] payload,
			EmbeddedChannel client, EmbeddedChannel upstream) {
		this.client = client;
		this.upstream = upstream;
		this.from = from;
		this.bytes = frames(from, payload, FRAMES);
		ProxiedSession session = Doubles.session(subprotocol);
		this.driver = new RelayDriver(session, pipeline, Doubles.of(RelayObserver.class, Map.of()),
				BenchmarkChannels.leg(client), BenchmarkChannels.leg(upstream));
		pipeline.policies().forEach((policy) -> policy.onOpen(session));
		this.driver.start();
	}

	private static byte[] text(int size) {
		String filler = "lorem ipsum dolor sit amet ".repeat(size / 27 + 1);
		return ("{\"text\":\"" + filler).substring(0, size - 2).concat("\"}").getBytes(StandardCharsets.US_ASCII);
	}

	private static ByteBuf frames(Side from, byte[] payload, int count) {
		int size = payload.length;
		int masked = (from == Side.CLIENT) ? 0x80 : 0;
		ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer();
		for (int i = 0; i < count; i++) {
			bytes.writeByte(0x81);
			if (size < 126) {
				bytes.writeByte(masked | size);
			}
			else {
				bytes.writeByte(masked | 126).writeShort(size);
			}
			if (masked != 0) {
				bytes.writeInt(KEY);
			}
			int start = bytes.writerIndex();
			bytes.writeBytes(payload);
			if (masked != 0) {
				Masks.apply(bytes, start, size, KEY, 0);
			}
		}
		return bytes;
	}

	/** One read's worth of frames comes in. */
	void read() {
		read(this.from, this.bytes.retainedDuplicate());
	}

	/** Let go of what would be read next. */
	@Override
	public void close() {
		this.bytes.release();
	}

	private void read(Side side, ByteBuf frames) {
		this.driver.onRead(side, System.nanoTime());
		this.driver.reader(side).read(frames);
		this.driver.flush();
		// What policies have decided later
		this.client.runPendingTasks();
		this.upstream.runPendingTasks();
	}

}
