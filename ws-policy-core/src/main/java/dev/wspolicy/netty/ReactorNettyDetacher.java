package dev.wspolicy.netty;

import java.util.List;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.ReactorNetty;

/**
 * Detaches a channel from the HTTP exchange of Reactor Netty that it began with.
 */
final class ReactorNettyDetacher {

	/** The attributes of Reactor Netty, by names that are not part of its API. */
	private static final List<AttributeKey<?>> ATTRIBUTES = List.of(AttributeKey.valueOf("$CONNECTION"),
			AttributeKey.valueOf("$CONTEXT_VIEW"), AttributeKey.valueOf("$PERSISTENT_CHANNEL"));

	private ReactorNettyDetacher() {
	}

	/**
	 * Detaches a channel. Reactor Netty's operations refer to the request, the response
	 * and all subscribers of the filter chain, which occupy many times the memory of a
	 * session, and its server would wait for them at shutdown.
	 * @param channel a channel that belongs to the relay now
	 */
	static void detach(Channel channel) {
		Connection.from(channel).rebind(() -> channel);
		ReactorNetty.setChannelContext(channel, null);
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
			channel.pipeline().remove(NettyPipeline.ReactiveBridge);
		}
		removeAttributes(channel);
	}

	/**
	 * Removes the attributes, which are empty now but would exist as long as the session.
	 * Reactor Netty creates new ones when it needs them.
	 */
	// Deprecated because of attributes that threads share.
	@SuppressWarnings("deprecation")
	private static void removeAttributes(Channel channel) {
		for (AttributeKey<?> key : ATTRIBUTES) {
			if (channel.hasAttr(key)) {
				channel.attr(key).remove();
			}
		}
	}

}
