package dev.wspolicy.netty;

import java.util.List;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;

/**
 * A session between any two channels of one event loop, without a handshake.
 *
 * @param id the id of the session
 * @param pipeline its policies and settings
 * @param registry the registry that it enters
 * @param upgrade the request that has opened it
 * @param clientDeflate the compression of the client's leg, or {@code null} for none
 * @param upstreamDeflate the compression of the upstream's leg, or {@code null} for none
 * @param listeners who is notified
 */
public record ChannelSession(String id, SessionPipeline pipeline, LiveSessions registry, UpgradeContext upgrade,
		@Nullable PerMessageDeflate clientDeflate, @Nullable PerMessageDeflate upstreamDeflate,
		List<SessionListener> listeners) {

	/**
	 * Opens the session. Called on the event loop of both channels, which do not read on
	 * their own yet, keep their output if the input ends, and do not close if a write
	 * fails.
	 * @param client the channel of the client
	 * @param upstream the channel of the upstream
	 * @return the session
	 */
	public ProxiedSession open(Channel client, Channel upstream) {
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		client.pipeline().addLast(clientHandler);
		upstream.pipeline().addLast(upstreamHandler);
		NettySession session = new NettySession(this.id, this.upgrade, this.pipeline, this.registry, this.listeners,
				null);
		RelayDriver driver = new RelayDriver(session, this.pipeline, TurnBudget.DEFAULT, session,
				client.pipeline().context(clientHandler), this.clientDeflate,
				upstream.pipeline().context(upstreamHandler), this.upstreamDeflate);
		clientHandler.attach(driver);
		upstreamHandler.attach(driver);
		driver.run(() -> {
			session.open(driver);
			driver.start();
		});
		return session;
	}

}
