package dev.wspolicy.benchmarks.micro;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

/**
 * Text between a client whose leg is compressed and an upstream whose leg is not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CompressionBenchmark {

	private static final int KEY = 0x5A17C39E;

	private static final int COMPRESSED = 4;

	/**
	 * How many bytes.
	 */
	@Param({ "128", "1024", "16384" })
	public int size;

	/**
	 * Whether messages may refer to earlier ones.
	 */
	@Param({ "true", "false" })
	public boolean takeover;

	private @Nullable EmbeddedSession session;

	private ByteBuf compressed = Unpooled.EMPTY_BUFFER;

	private ByteBuf uncompressed = Unpooled.EMPTY_BUFFER;

	private ByteBuf fromUpstream = Unpooled.EMPTY_BUFFER;

	/**
	 * Open a session.
	 */
	@Setup
	public void setUp() {
		this.session = EmbeddedSession.builder()
			.channels(BenchmarkSession.channel(), BenchmarkSession.channel())
			.session(Doubles.session(null))
			.deflate(new PerMessageDeflate("permessage-deflate", this.takeover, this.takeover, -1, 64), null)
			.open();
		byte[] text = BenchmarkSession.text(this.size);
		this.compressed = bytes(WireFrame.of(WireFrame.TEXT, deflate(text)).rsv(COMPRESSED).mask(KEY));
		this.uncompressed = bytes(WireFrame.of(WireFrame.TEXT, text).mask(KEY));
		this.fromUpstream = bytes(WireFrame.of(WireFrame.TEXT, text));
	}

	private static byte[] deflate(byte[] text) {
		Deflater deflater = new Deflater(-1, true);
		deflater.setInput(text);
		byte[] output = new byte[text.length + 64];
		int length = deflater.deflate(output, 0, output.length, Deflater.SYNC_FLUSH);
		deflater.end();
		return Arrays.copyOf(output, length - 4);
	}

	private static ByteBuf bytes(WireFrame frame) {
		WireFrame[] frames = new WireFrame[BenchmarkSession.FRAMES];
		Arrays.fill(frames, frame);
		return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(WireFrame.encodeAll(frames));
	}

	/**
	 * A compressed message of the client.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void inflate() {
		// A copy, since bytes are unmasked where they are.
		Objects.requireNonNull(this.session).read(Side.CLIENT, this.compressed.copy());
	}

	/**
	 * A message of the client that is not compressed.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void uncompressed() {
		Objects.requireNonNull(this.session).read(Side.CLIENT, this.uncompressed.copy());
	}

	/**
	 * A message of the upstream.
	 */
	@Benchmark
	@OperationsPerInvocation(BenchmarkSession.FRAMES)
	public void deflate() {
		Objects.requireNonNull(this.session).read(Side.UPSTREAM, this.fromUpstream.copy());
	}

}
