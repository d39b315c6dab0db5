package dev.wspolicy.testkit;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Netty's allocator takes a lock for a moment when event loops get in each other's way,
 * and Netty has not told BlockHound. To throw there ends sessions that did nothing wrong.
 */
public final class NettyAllocatorIntegration implements BlockHoundIntegration {

	@Override
	public void applyTo(BlockHound.Builder builder) {
		String allocator = "io.netty.buffer.AdaptivePoolingAllocator";
		builder.allowBlockingCallsInside(allocator, "allocate")
			.allowBlockingCallsInside(allocator, "free")
			.allowBlockingCallsInside(allocator + "$MagazineGroup", "allocate")
			.allowBlockingCallsInside(allocator + "$MagazineGroup", "tryExpandMagazines")
			.allowBlockingCallsInside(allocator + "$Magazine", "tryAllocate")
			.allowBlockingCallsInside(allocator + "$Magazine", "free");
	}

}
