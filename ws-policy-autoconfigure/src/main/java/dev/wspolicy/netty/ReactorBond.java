package dev.wspolicy.netty;

import java.util.List;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.ReactorNetty;

/**
 * What ties a channel to the HTTP exchange that it began with.
 */
final class ReactorBond {

	/** What Reactor Netty keeps with a channel, by names that it does not publish. */
	private static final List<AttributeKey<?>> ATTRIBUTES = List.of(AttributeKey.valueOf("$CONNECTION"),
			AttributeKey.valueOf("$CONTEXT_VIEW"), AttributeKey.valueOf("$PERSISTENT_CHANNEL"));

	private ReactorBond() {
	}

	/**
	 * Let go of the exchange. Reactor Netty's operations hold on to the request, the
	 * response and all subscribers of the filter chain, many times what a session needs;
	 * and its server would wait for them at shutdown.
	 * @param channel a channel that is the relay's now
	 */
	static void cut(Channel channel) {
		Connection.from(channel).rebind(() -> channel);
		ReactorNetty.setChannelContext(channel, null);
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
			channel.pipeline().remove(NettyPipeline.ReactiveBridge);
		}
		removeAttributes(channel);
	}

	/**
	 * Nothing is in the attributes any more, but empty ones would stay as long as the
	 * session. Reactor Netty makes new ones when it needs them.
	 */
	// Deprecated for those who share an attribute between threads.
	@SuppressWarnings("deprecation")
	private static void removeAttributes(Channel channel) {
		for (AttributeKey<?> key : ATTRIBUTES) {
			if (channel.hasAttr(key)) {
				channel.attr(key).remove();
			}
		}
	}

}
