package dev.wspolicy.benchmarks.micro;

import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import dev.wspolicy.netty.MaskingAccess;

/**
 * Masking and unmasking.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MasksBenchmark {

	private static final int KEY = 0x5A17C39E;

	/**
	 * How many bytes.
	 */
	@Param({ "128", "1024", "16384" })
	public int size;

	private byte[] array = {};

	private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

	/**
	 * Get memory.
	 */
	@Setup
	public void setUp() {
		this.array = new byte[this.size];
		this.buffer = PooledByteBufAllocator.DEFAULT.directBuffer(this.size).writeZero(this.size);
	}

	/**
	 * On the heap.
	 * @return the bytes
	 */
	@Benchmark
	public byte[] array() {
		MaskingAccess.apply(this.array, 0, this.size, KEY, 1);
		return this.array;
	}

	/**
	 * In a direct buffer.
	 * @return the bytes
	 */
	@Benchmark
	public ByteBuf buffer() {
		MaskingAccess.apply(this.buffer, 0, this.size, KEY, 1);
		return this.buffer;
	}

}
