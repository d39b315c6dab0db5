package dev.wspolicy.testkit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Leaks on purpose, each found and forgotten before {@link LeakWatch} itself looks.
 */
@ExtendWith(LeakWatch.class)
class LeakWatchTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);

	/**
	 * Spares the reader of the build's output, and shows that the watch needs no log.
	 */
	@BeforeEach
	void logNoLeaks() {
		this.logger.setLevel(Level.OFF);
	}

	@AfterEach
	void logLeaks() {
		this.logger.setLevel(null);
	}

	@Test
	void leaksAreFoundOnce() {
		leak(PooledByteBufAllocator.DEFAULT);
		assertThat(LeakWatch.findLeaks()).singleElement()
			.asString()
			.contains("ByteBuf was not released before it was garbage-collected.", "LeakWatchTests.leak");
		leak(UnpooledByteBufAllocator.DEFAULT);
		leak(ByteBufAllocator.DEFAULT);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> LeakWatch.requireNoLeaks("SomeTests"))
			.withMessageContainingAll("2 leaked, found after SomeTests:", "LeakWatchTests.leak");
		assertThatCode(() -> LeakWatch.requireNoLeaks("SomeTests")).doesNotThrowAnyException();
	}

	@Test
	void buffersThatAreReleasedOrStillHeldAreNoLeaks() {
		PooledByteBufAllocator.DEFAULT.buffer(16).release();
		ByteBuf held = PooledByteBufAllocator.DEFAULT.buffer(16);
		assertThat(LeakWatch.findLeaks()).isEmpty();
		held.release();
		assertThat(LeakWatch.findLeaks()).isEmpty();
	}

	private static void leak(ByteBufAllocator allocator) {
		assertThat(allocator.directBuffer(16).writeByte(1).readableBytes()).isEqualTo(1);
	}

}
