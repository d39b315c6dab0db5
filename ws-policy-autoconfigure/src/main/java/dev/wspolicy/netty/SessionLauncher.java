package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.session.PolicyTimer;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;

/**
 * Joins two channels whose handshakes are done into a session. From then on neither
 * Reactor nor the HTTP server takes part: the channels belong to the relay.
 */
public final class SessionLauncher {

	private static final Log logger = LogFactory.getLog(SessionLauncher.class);

	private final SessionIds ids = new SessionIds();

	private final LiveSessions registry;

	private final List<SessionListener> listeners;

	private final @Nullable PolicyTimer timer;

	/** What all channels with the same marks share. */
	private final Map<WaterMarks, WriteBufferWaterMark> waterMarks = new ConcurrentHashMap<>();

	/**
	 * A launcher.
	 * @param registry where its sessions are found
	 * @param listeners who hears of its sessions
	 * @param timer who is told how long their policies take, or {@code null}
	 */
	public SessionLauncher(LiveSessions registry, List<SessionListener> listeners, @Nullable PolicyTimer timer) {
		this.registry = registry;
		this.listeners = List.copyOf(listeners);
		this.timer = (timer != null) ? new SafePolicyTimer(timer) : null;
	}

	/**
	 * Start a session. Called on the event loop of both channels.
	 * @param client the channel of the client, behind its 101
	 * @param clientDeflate what that says about compression, or {@code null}
	 * @param upstream the leg that has been waiting since the upstream's 101
	 * @param upgrade the request that opens the session
	 * @param pipeline what serves it
	 * @param successor what serves it from its first messages on, if that is another one
	 * by now: asked once the registry has the session
	 * @param over called when the session is over, or {@code null}
	 * @return the session
	 */
	public ProxiedSession launch(Channel client, @Nullable PerMessageDeflate clientDeflate, UpstreamLeg upstream,
			UpgradeContext upgrade, SessionPipeline pipeline, Supplier<@Nullable SessionPipeline> successor,
			@Nullable Runnable over) {
		if (!client.eventLoop().inEventLoop() || upstream.channel().eventLoop() != client.eventLoop()) {
			throw new IllegalStateException("both legs and the caller must share an event loop");
		}
		NettySession session = new NettySession(this.ids.next(), upgrade, pipeline, this.registry, listeners(over));
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		ChannelHandlerContext clientContext = addLast(client, clientHandler);
		ChannelHandlerContext upstreamContext = addLast(upstream.channel(), upstreamHandler);
		WriteBufferWaterMark waterMark = this.waterMarks.computeIfAbsent(pipeline.waterMarks(),
				(marks) -> new WriteBufferWaterMark(marks.low(), marks.high()));
		client.config().setWriteBufferWaterMark(waterMark);
		upstream.channel().config().setWriteBufferWaterMark(waterMark);
		RelayDriver driver = new RelayDriver(session, pipeline, session, clientContext, clientDeflate, upstreamContext,
				upstream.deflate());
		driver.timer(this.timer);
		clientHandler.attach(driver);
		upstreamHandler.attach(driver);
		session.open(driver);
		succeed(session, successor);
		// What these handlers have gathered behind the handshakes comes out as they go.
		removeCodec(client);
		upstream.release();
		driver.start();
		// Not before the exchange has ended, which it does now that the client has its
		// 101.
		client.eventLoop().execute(() -> ReactorBond.cut(client));
		if (!client.isActive()) {
			// Gone before the handler was there to see it.
			driver.onInactive(Side.CLIENT);
		}
		return session;
	}

	/** A policy of the session's own is made here, and may fail. */
	private static void succeed(NettySession session, Supplier<@Nullable SessionPipeline> successors) {
		try {
			SessionPipeline successor = successors.get();
			if (successor != null) {
				session.succeed(successor);
			}
		}
		catch (RuntimeException ex) {
			logger.error("Session " + session.id() + " keeps its pipeline '" + session.pipeline() + "' as it was", ex);
		}
	}

	private List<SessionListener> listeners(@Nullable Runnable over) {
		if (over == null) {
			return this.listeners;
		}
		List<SessionListener> listeners = new ArrayList<>(this.listeners);
		listeners.add(new SessionListener() {

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				over.run();
			}

		});
		return listeners;
	}

	private static ChannelHandlerContext addLast(Channel channel, LegHandler handler) {
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(NettyPipeline.ReactiveBridge) != null) {
			pipeline.addBefore(NettyPipeline.ReactiveBridge, LegHandler.NAME, handler);
		}
		else {
			pipeline.addLast(LegHandler.NAME, handler);
		}
		return pipeline.context(handler);
	}

	/** Netty's own WebSocket codec, which the server's handshake has put in place. */
	private static void removeCodec(Channel client) {
		for (String name : List.of("wsencoder", "wsdecoder")) {
			if (client.pipeline().get(name) != null) {
				client.pipeline().remove(name);
			}
		}
	}

}
