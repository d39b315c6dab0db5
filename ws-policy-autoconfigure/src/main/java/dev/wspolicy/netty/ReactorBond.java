package dev.wspolicy.netty;

import io.netty.channel.Channel;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.ReactorNetty;

/**
 * What ties a channel to the HTTP exchange that it began with.
 */
final class ReactorBond {

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
	}

}
