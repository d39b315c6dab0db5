package dev.wspolicy.testkit;

import java.util.concurrent.ScheduledThreadPoolExecutor;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Calls of libraries that wait for a moment only, and that BlockHound does not know of.
 * To throw there does worse than to wait: it leaves a lock behind that nobody gets any
 * more, or a connection that cannot be opened.
 */
public final class ShortWaitsIntegration implements BlockHoundIntegration {

	@Override
	public void applyTo(BlockHound.Builder builder) {
		allocator(builder);
		timers(builder);
		randomNumbers(builder);
		redisConnection(builder);
		redisNodes(builder);
		circuitBreaker(builder);
	}

	/** Taken when event loops get in each other's way. */
	private static void allocator(BlockHound.Builder builder) {
		String allocator = "io.netty.buffer.AdaptivePoolingAllocator";
		builder.allowBlockingCallsInside(allocator, "allocate")
			.allowBlockingCallsInside(allocator, "free")
			.allowBlockingCallsInside(allocator + "$MagazineGroup", "allocate")
			.allowBlockingCallsInside(allocator + "$MagazineGroup", "tryExpandMagazines")
			.allowBlockingCallsInside(allocator + "$Magazine", "tryAllocate")
			.allowBlockingCallsInside(allocator + "$Magazine", "free");
	}

	/**
	 * Reactor tells BlockHound of tasks that are scheduled, but not of those that are
	 * cancelled.
	 */
	private static void timers(BlockHound.Builder builder) {
		builder.allowBlockingCallsInside(ScheduledThreadPoolExecutor.class.getName() + "$ScheduledFutureTask",
				"cancel");
	}

	/**
	 * Taken by each thread that writes a command. Lettuce counts a writer that failed to
	 * take the lock as one that has written, and then all writers wait for ever.
	 */
	private static void redisConnection(BlockHound.Builder builder) {
		String lock = "io.lettuce.core.protocol.SharedLock";
		builder.allowBlockingCallsInside(lock, "incrementWriters").allowBlockingCallsInside(lock, "doExclusive");
	}

	/**
	 * Taken when the connection to a node of a cluster is known, and to follow a slot to
	 * another node.
	 */
	private static void redisNodes(BlockHound.Builder builder) {
		String nodes = "io.lettuce.core.cluster.PooledClusterConnectionProvider";
		builder.allowBlockingCallsInside(nodes, "getWriteConnection")
			.allowBlockingCallsInside(nodes, "lambda$getWriteConnection$1");
	}

	/** The JDK reads them from {@code /dev/urandom}, which never makes anybody wait. */
	private static void randomNumbers(BlockHound.Builder builder) {
		builder.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "implNextBytes")
			.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "implGenerateSeed");
	}

	/** Taken by the first calls after the pause of a circuit breaker. */
	private static void circuitBreaker(BlockHound.Builder builder) {
		builder.allowBlockingCallsInside(
				"io.github.resilience4j.circuitbreaker.internal.CircuitBreakerStateMachine$OpenState",
				"toHalfOpenState");
	}

}
