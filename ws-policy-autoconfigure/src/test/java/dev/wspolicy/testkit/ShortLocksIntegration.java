package dev.wspolicy.testkit;

import java.util.concurrent.ScheduledThreadPoolExecutor;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Locks that are held for a moment only, and that BlockHound does not know of. To throw
 * there does worse than to wait: it leaves a lock behind that nobody gets any more.
 */
public final class ShortLocksIntegration implements BlockHoundIntegration {

	@Override
	public void applyTo(BlockHound.Builder builder) {
		allocator(builder);
		timers(builder);
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

}
