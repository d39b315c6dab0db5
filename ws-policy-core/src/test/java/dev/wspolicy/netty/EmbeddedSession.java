package dev.wspolicy.netty;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.WireFrame;

/**
 * A session between two channels without sockets, driven by hand, whose clock stands
 * still unless {@linkplain EmbeddedChannel#advanceTimeBy moved}. Also the entry point of
 * benchmarks, so it uses no test library.
 */
public final class EmbeddedSession implements AutoCloseable {

	private final EmbeddedChannel client;

	private final EmbeddedChannel upstream;

	private final RelayDriver driver;

	/** Null if a double stands in for the session. */
	private final @Nullable NettySession session;

	private EmbeddedSession(Builder builder) {
		this.client = builder.client;
		this.upstream = builder.upstream;
		LegHandler clientHandler = new LegHandler(Side.CLIENT);
		LegHandler upstreamHandler = new LegHandler(Side.UPSTREAM);
		this.client.pipeline().addLast(clientHandler);
		this.upstream.pipeline().addLast(upstreamHandler);
		SessionPipeline pipeline = builder.toPipeline();
		this.session = (builder.session != null) ? null
				: new NettySession(builder.id, builder.upgrade, pipeline, builder.registry, builder.listeners, null);
		ProxiedSession session = (this.session != null) ? this.session : builder.session;
		RelayObserver observer = (this.session != null) ? this.session : nothing(RelayObserver.class);
		this.driver = new RelayDriver(session, pipeline, builder.budget, observer,
				this.client.pipeline().context(clientHandler), builder.clientDeflate,
				this.upstream.pipeline().context(upstreamHandler), builder.upstreamDeflate);
		clientHandler.attach(this.driver);
		upstreamHandler.attach(this.driver);
		this.driver.run(() -> {
			if (this.session != null) {
				this.session.open(this.driver);
			}
			else {
				pipeline.policies().forEach((policy) -> policy.onOpen(session));
			}
			this.driver.start();
		});
	}

	/**
	 * Creates a builder of a session without policies, limits and compression.
	 * @return the builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/** Returns an object that does nothing, and answers each question with nothing. */
	private static <T> T nothing(Class<T> type) {
		return type.cast(
				Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, args) -> null));
	}

	/**
	 * Returns the channel of a side.
	 * @param side the side
	 * @return the channel
	 */
	public EmbeddedChannel channel(Side side) {
		return (side == Side.CLIENT) ? this.client : this.upstream;
	}

	RelayDriver driver() {
		return this.driver;
	}

	NettySession session() {
		if (this.session == null) {
			throw new IllegalStateException("a double stands in for the session");
		}
		return this.session;
	}

	/**
	 * Returns the session as policies and listeners see it.
	 * @return the session
	 */
	public ProxiedSession proxied() {
		return session();
	}

	/**
	 * Replaces the pipeline, as a refresh does. Safe from any thread.
	 * @param successor the new pipeline
	 */
	public void switchPipeline(SessionPipeline successor) {
		session().switchPipeline(successor);
	}

	// What peers send

	/**
	 * Reads bytes in one read loop, and runs the tasks that come of it.
	 * @param side the side that has sent them
	 * @param bytes the bytes
	 */
	public void read(Side side, ByteBuf bytes) {
		channel(side).writeInbound(bytes);
		runTasks();
	}

	/**
	 * Reads frames in one read loop, masked if a client sends them, and runs the tasks
	 * that come of it.
	 * @param side the side that has sent them
	 * @param frames the frames
	 */
	public void read(Side side, WireFrame... frames) {
		read(side, encode(side, frames));
	}

	/** Reads bytes within a read loop, and runs no task. */
	void arrive(Side side, ByteBuf bytes) {
		channel(side).pipeline().fireChannelRead(bytes);
	}

	/** Reads frames within a read loop, and runs no task. */
	void arrive(Side side, WireFrame... frames) {
		arrive(side, encode(side, frames));
	}

	/** Ends a read loop. */
	void readComplete(Side side) {
		channel(side).pipeline().fireChannelReadComplete();
	}

	private static ByteBuf encode(Side side, WireFrame... frames) {
		WireFrame[] sent = frames.clone();
		for (int i = 0; i < sent.length && side == Side.CLIENT; i++) {
			sent[i] = sent[i].masked();
		}
		return Unpooled.wrappedBuffer(WireFrame.encodeAll(sent));
	}

	/**
	 * Closes a channel as its peer does, without running all tasks of its loop.
	 * @param side whose channel
	 */
	public void lose(Side side) {
		EmbeddedChannel channel = channel(side);
		channel.unsafe().close(channel.voidPromise());
		channel.runPendingTasks();
	}

	/** Runs the tasks that are due, each of which takes some rounds of the event loop. */
	void runDueTasks() {
		for (int rounds = 0; rounds < 3; rounds++) {
			this.client.runPendingTasks();
		}
	}

	/** Runs the tasks of both loops. */
	public void runTasks() {
		this.client.runPendingTasks();
		this.upstream.runPendingTasks();
	}

	/**
	 * Whether a verdict is pending on what a side has sent.
	 * @param side the side
	 * @return whether its direction is suspended
	 */
	public boolean isSuspended(Side side) {
		return this.driver.from(side).flow().isPaused(Pause.SUSPENDED);
	}

	// What peers get

	/**
	 * Takes all bytes that have been written to a side.
	 * @param side the side
	 * @return the bytes
	 */
	public byte[] written(Side side) {
		EmbeddedChannel channel = channel(side);
		ByteBuf all = Unpooled.buffer();
		for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
			all.writeBytes(buffer);
			buffer.release();
		}
		byte[] bytes = new byte[all.readableBytes()];
		all.readBytes(bytes).release();
		return bytes;
	}

	/**
	 * Takes all frames that have been written to a side.
	 * @param side the side
	 * @return the frames, in a list that can be changed
	 */
	public List<WireFrame> frames(Side side) {
		return parse(written(side));
	}

	/**
	 * Parses whole frames.
	 * @param bytes the bytes
	 * @return the frames, in a list that can be changed
	 */
	public static List<WireFrame> parse(byte[] bytes) {
		ByteArrayInputStream input = new ByteArrayInputStream(bytes);
		List<WireFrame> frames = new ArrayList<>();
		try {
			while (input.available() > 0) {
				frames.add(WireFrame.read(input));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("after " + frames, ex);
		}
		return frames;
	}

	/** Releases all that is held for the session. */
	@Override
	public void close() {
		this.client.finishAndReleaseAll();
		this.upstream.finishAndReleaseAll();
		this.driver.dispose();
	}

	/**
	 * Builds sessions.
	 */
	public static final class Builder {

		private EmbeddedChannel client = new SteadyChannel();

		private EmbeddedChannel upstream = new SteadyChannel();

		private @Nullable SessionPipeline pipeline;

		private List<PolicyBinding> inbound = List.of();

		private List<PolicyBinding> outbound = List.of();

		private Limits limits = Limits.NONE;

		private WireOptions framing = WireOptions.DEFAULT;

		private Timeouts timeouts = Timeouts.DEFAULT;

		private TurnBudget budget = TurnBudget.DEFAULT;

		private @Nullable PerMessageDeflate clientDeflate;

		private @Nullable PerMessageDeflate upstreamDeflate;

		private String id = "session";

		private UpgradeContext upgrade = nothing(UpgradeContext.class);

		private LiveSessions registry = new LiveSessions();

		private List<SessionListener> listeners = List.of();

		private @Nullable ProxiedSession session;

		private Builder() {
		}

		/**
		 * Sets the channels.
		 * @param client the channel of the client
		 * @param upstream the channel of the upstream
		 * @return this builder
		 */
		public Builder channels(EmbeddedChannel client, EmbeddedChannel upstream) {
			this.client = client;
			this.upstream = upstream;
			return this;
		}

		/**
		 * Sets a pipeline that has been built elsewhere.
		 * @param pipeline the pipeline
		 * @return this builder
		 */
		public Builder pipeline(SessionPipeline pipeline) {
			this.pipeline = pipeline;
			return this;
		}

		/**
		 * Sets a double for the session.
		 * @param session the double
		 * @return this builder
		 */
		public Builder session(ProxiedSession session) {
			this.session = session;
			return this;
		}

		/**
		 * Sets the policies on what the client sends.
		 * @param policies the policies, in order
		 * @return this builder
		 */
		public Builder inbound(List<PolicyBinding> policies) {
			this.inbound = policies;
			return this;
		}

		/**
		 * Sets the policies on what the upstream sends.
		 * @param policies the policies, in order
		 * @return this builder
		 */
		public Builder outbound(List<PolicyBinding> policies) {
			this.outbound = policies;
			return this;
		}

		/**
		 * Sets the limits of both directions.
		 * @param limits the limits
		 * @return this builder
		 */
		public Builder limits(Limits limits) {
			this.limits = limits;
			return this;
		}

		/**
		 * Sets the options of the wire.
		 * @param framing the options
		 * @return this builder
		 */
		public Builder framing(WireOptions framing) {
			this.framing = framing;
			return this;
		}

		/**
		 * Sets the timeouts.
		 * @param timeouts the timeouts
		 * @return this builder
		 */
		public Builder timeouts(Timeouts timeouts) {
			this.timeouts = timeouts;
			return this;
		}

		/**
		 * Sets how much a turn may do.
		 * @param budget the budget
		 * @return this builder
		 */
		public Builder budget(TurnBudget budget) {
			this.budget = budget;
			return this;
		}

		/**
		 * Sets what has been agreed about compression.
		 * @param client what has been agreed with the client, or {@code null}
		 * @param upstream what has been agreed with the upstream, or {@code null}
		 * @return this builder
		 */
		public Builder deflate(@Nullable PerMessageDeflate client, @Nullable PerMessageDeflate upstream) {
			this.clientDeflate = client;
			this.upstreamDeflate = upstream;
			return this;
		}

		/**
		 * Sets the id of the session.
		 * @param id the id
		 * @return this builder
		 */
		public Builder id(String id) {
			this.id = id;
			return this;
		}

		/**
		 * Sets the registry that the session enters.
		 * @param registry the registry
		 * @return this builder
		 */
		public Builder registry(LiveSessions registry) {
			this.registry = registry;
			return this;
		}

		/**
		 * Sets who is notified of the session.
		 * @param listeners the listeners
		 * @return this builder
		 */
		public Builder listeners(SessionListener... listeners) {
			this.listeners = List.of(listeners);
			return this;
		}

		SessionPipeline toPipeline() {
			if (this.pipeline != null) {
				return this.pipeline;
			}
			SessionSettings settings = SessionSettings.builder()
				.limits(this.limits)
				.timeouts(this.timeouts)
				.wireOptions(this.framing)
				.build();
			return SessionPipeline.of("test", settings, this.inbound, this.outbound);
		}

		/**
		 * Opens the session.
		 * @return the session
		 */
		public EmbeddedSession open() {
			return new EmbeddedSession(this);
		}

	}

}
