package dev.wspolicy.netty;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An upstream that waits for its session.
 */
class UpstreamLegTests {

	@Test
	void whoDiscardsOneHearsOfItThoughItsEventLoopHasEnded() {
		EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
		Channel channel = new LocalChannel();
		group.register(channel).syncUninterruptibly();
		UpstreamLeg leg = new UpstreamLeg(channel, new DefaultHttpHeaders(), null, null);
		group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
		AtomicInteger discarded = new AtomicInteger();
		leg.discard(discarded::incrementAndGet);
		assertThat(discarded).hasValue(1);
	}

}
