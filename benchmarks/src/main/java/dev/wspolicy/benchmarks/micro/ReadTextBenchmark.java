package dev.wspolicy.benchmarks.micro;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

import dev.wspolicy.netty.MaskingAccess;
import dev.wspolicy.netty.PayloadAccess;

/**
 * Reading the text of a masked message, compared with what nobody can do without:
 * unmasking the bytes and making a string of them, without any check.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadTextBenchmark {

	private static final int TEXTS = 16;

	private static final int KEY = 0x5A17C39E;

	/**
	 * How many bytes.
	 */
	@Param({ "128", "1024", "16384", "65536" })
	public int size;

	/**
	 * Which characters: {@code tenth} if every tenth is not ASCII.
	 */
	@Param({ "ascii", "tenth" })
	public String characters = "ascii";

	private byte[] array = {};

	private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

	/**
	 * Mask a text.
	 */
	@Setup
	public void setUp() {
		String part = this.characters.equals("ascii") ? "lorem ipsu" : "lorem ips\u00fc" + "dolor sit\u20ac";
		byte[] text = part.repeat(this.size / 10 + 1).getBytes(StandardCharsets.UTF_8);
		int end = this.size;
		while ((text[end] & 0xC0) == 0x80) {
			end--;
		}
		this.array = new byte[end];
		System.arraycopy(text, 0, this.array, 0, end);
		MaskingAccess.apply(this.array, 0, end, KEY, 0);
		this.buffer = PooledByteBufAllocator.DEFAULT.directBuffer(end).writeBytes(this.array);
	}

	/**
	 * Takes the bytes out of their buffer, unmasks them, and makes a string of them.
	 * @param results takes the texts
	 */
	@Benchmark
	@OperationsPerInvocation(TEXTS)
	public void unmaskAndNewString(Blackhole results) {
		for (int i = 0; i < TEXTS; i++) {
			this.buffer.getBytes(0, this.array);
			MaskingAccess.apply(this.array, 0, this.array.length, KEY, 0);
			results.consume(new String(this.array, StandardCharsets.UTF_8));
		}
	}

	/**
	 * Reads the text as the first policy that asks for it does.
	 * @param results takes the texts
	 */
	@Benchmark
	@OperationsPerInvocation(TEXTS)
	public void text(Blackhole results) {
		for (int i = 0; i < TEXTS; i++) {
			results.consume(PayloadAccess.of(this.buffer, KEY).text());
		}
	}

}
