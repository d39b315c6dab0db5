package dev.wspolicy.netty;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http2.Http2StreamChannel;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.WaterMarks;
import dev.wspolicy.policy.Admission;
import dev.wspolicy.session.PolicyTimingListener;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;

/**
 * Starts a session on two channels whose handshakes are complete. From then on the
 * channels belong to the relay; neither Reactor nor the HTTP server takes part.
 */
public final class SessionLauncher {

	private static final Log logger = LogFactory.getLog(SessionLauncher.class);

	private static final List<Class<? extends ChannelHandler>> CODEC = List.of(WebSocketFrameEncoder.class,
			WebSocketFrameDecoder.class);

	private final SessionIds ids = new SessionIds();

	private final LiveSessions registry;

	private final List<SessionListener> listeners;

	private final @Nullable PolicyTimingListener timer;

	private final TurnBudget budget;

	/** Shared by all channels with the same marks. */
	private final Map<WaterMarks, WriteBufferWaterMark> waterMarks = new ConcurrentHashMap<>();

	/**
	 * Creates a launcher.
	 * @param registry the registry that its sessions enter
	 * @param listeners the listeners of its sessions
	 * @param timer called with the time that their policies take, or {@code null}
	 * @param budget how much a direction may do in one turn of its event loop
	 */
	public SessionLauncher(LiveSessions registry, List<SessionListener> listeners, @Nullable PolicyTimingListener timer,
			TurnBudget budget) {
		this.budget = budget;
		this.registry = registry;
		this.listeners = List.copyOf(listeners);
		this.timer = (timer != null) ? new SafePolicyTimer(timer) : null;
	}

	/**
	 * Starts a session. Called on the event loop of both channels. If this fails, neither
	 * channel stays open.
	 * @param client the channel of the client, which has its 101, or the stream of the
	 * client, which has its 200
	 * @param clientDeflate what that 101 says about compression, or {@code null}
	 * @param upstream the leg that has been waiting since the upstream's 101
	 * @param upgrade the request that opens the session
	 * @param pipeline the pipeline that serves the session
	 * @param successor supplies another pipeline if that has been replaced meanwhile;
	 * called once the registry has the session
	 * @param admission follows the session, or {@code null}
	 * @return the session
	 * @throws IllegalStateException if called on another thread
	 */
	public ProxiedSession launch(Channel client, @Nullable PerMessageDeflate clientDeflate, UpstreamLeg upstream,
			UpgradeContext upgrade, SessionPipeline pipeline, Supplier<@Nullable SessionPipeline> successor,
			@Nullable Admission admission) {
		if (!client.eventLoop().inEventLoop() || upstream.channel().eventLoop() != client.eventLoop()) {
			throw new IllegalStateException("both legs and the caller must share an event loop");
		}
		try {
			return start(client, clientDeflate, upstream, upgrade, pipeline, successor, admission);
		}
		catch (RuntimeException | Error ex) {
			upstream.discard();
			List.of(client, upstream.channel()).forEach(SessionLauncher::removeHandler);
			client.close();
			throw ex;
		}
	}

	private ProxiedSession start(Channel client, @Nullable PerMessageDeflate clientDeflate, UpstreamLeg upstream,
			UpgradeContext upgrade, SessionPipeline pipeline, Supplier<@Nullable SessionPipeline> successor,
			@Nullable Admission admission) {
		NettySession session = new NettySession(this.ids.next(), upgrade, pipeline, this.registry, this.listeners,
				admission);
		if (client instanceof Http2StreamChannel) {
			StreamCodec.install(client);
		}
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		ChannelHandlerContext clientContext = addLast(client, clientHandler);
		ChannelHandlerContext upstreamContext = addLast(upstream.channel(), upstreamHandler);
		WriteBufferWaterMark waterMark = this.waterMarks.computeIfAbsent(pipeline.settings().waterMarks(),
				(marks) -> new WriteBufferWaterMark(marks.low(), marks.high()));
		client.config().setWriteBufferWaterMark(waterMark);
		upstream.channel().config().setWriteBufferWaterMark(waterMark);
		// A peer that ends its stream behind its close frame still gets an answer.
		client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		upstream.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		// What a peer has sent before it reset its connection is read, although writing
		// fails.
		client.config().setAutoClose(false);
		upstream.channel().config().setAutoClose(false);
		RelayDriver driver = new RelayDriver(session, pipeline, this.budget, session, clientContext, clientDeflate,
				upstreamContext, upstream.deflate());
		driver.relay().timer(this.timer);
		clientHandler.attach(driver);
		upstreamHandler.attach(driver);
		driver.run(() -> {
			session.open(driver);
			switchPipeline(session, successor);
			// The client first, which must not wait for what the upstream leads to.
			releaseEarly(client, clientHandler, clientContext);
			upstream.release(upstreamHandler, upstreamContext);
			driver.start();
		});
		// Releases what the upstream has sent if that has failed.
		upstream.discard();
		// Later, because the exchange ends only now that the client has its 101.
		client.eventLoop().execute(() -> ReactorNettyDetacher.detach(client));
		// A channel may have closed before its handler was there.
		if (!client.isActive()) {
			driver.onInactive(Side.CLIENT);
		}
		if (!upstream.channel().isActive()) {
			driver.onInactive(Side.UPSTREAM);
		}
		return session;
	}

	/** Passes on what the client has sent before its 101. */
	private static void releaseEarly(Channel client, LegHandler handler, ChannelHandlerContext context) {
		ByteBuf bytes = UpgradeWatch.end(client);
		// These handlers fire what they have gathered when they are removed.
		removeCodec(client);
		if (bytes != null) {
			handler.channelRead(context, bytes);
			handler.channelReadComplete(context);
		}
		StreamCodec codec = client.pipeline().get(StreamCodec.class);
		if (codec != null) {
			codec.releaseEarly();
		}
	}

	/** Switches the pipeline, whose policies are created here and may fail. */
	private static void switchPipeline(NettySession session, Supplier<@Nullable SessionPipeline> successors) {
		try {
			SessionPipeline successor = successors.get();
			if (successor != null) {
				session.switchPipeline(successor);
			}
		}
		catch (Throwable ex) {
			logger.error("Session " + session.id() + " keeps its pipeline '" + session.pipeline() + "' as it was", ex);
		}
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

	private static void removeHandler(Channel channel) {
		if (channel.pipeline().get(LegHandler.NAME) != null) {
			channel.pipeline().remove(LegHandler.NAME);
		}
	}

	/** Removes Netty's WebSocket codec, which the server's handshake has added. */
	private static void removeCodec(Channel client) {
		for (Class<? extends ChannelHandler> type : CODEC) {
			ChannelHandler handler = client.pipeline().get(type);
			if (handler != null) {
				client.pipeline().remove(handler);
			}
		}
	}

}
