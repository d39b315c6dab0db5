package dev.wspolicy.proving.concurrency;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.netty.ChannelSession;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.proving.Seed;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.QuietLog;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions on several event loops open and close, are found, drained, tapped and switched
 * to other pipelines, all at the same time.
 */
@ExtendWith(QuietLog.class)
class LiveSessionsTests {

	private static final LocalAddress PEERS = new LocalAddress("peers");

	private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(3, LocalIoHandler.newFactory());

	private final ExecutorService threads = Executors.newFixedThreadPool(4);

	@BeforeEach
	void listen() throws InterruptedException {
		new ServerBootstrap().group(this.loops)
			.channel(LocalServerChannel.class)
			.childHandler(new Peer())
			.bind(PEERS)
			.sync();
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.threads.shutdownNow();
		this.loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
	}

	@Test
	void sessionsAndDrains() throws Exception {
		run(Seed.of("live sessions"), 60);
	}

	/** Whatever the threads do: these moments are too short to be met by chance. */
	@Test
	void drainEndsWhatOpensMeanwhileAndAwaitsTheListeners() throws Exception {
		Round round = new Round();
		CompletableFuture<Boolean> doneWithinListener = new CompletableFuture<>();
		round.closing = () -> doneWithinListener.complete(round.registry.drain(Duration.ZERO).isDone());
		round.registry.drain(Duration.ZERO);
		round.open();
		assertThat(doneWithinListener.get(30, TimeUnit.SECONDS)).isFalse();
		round.closing = () -> {
		};
		round.end("one session");
	}

	@Test
	@Tag("proving")
	void longRun() throws Exception {
		run(Seed.of("live sessions, long"), 5_000);
	}

	private void run(Seed seed, int rounds) throws Exception {
		for (int i = 0; i < rounds; i++) {
			Round round = new Round();
			CyclicBarrier barrier = new CyclicBarrier(4);
			List<Future<?>> running = new ArrayList<>();
			for (int thread = 0; thread < 4; thread++) {
				Random random = seed.trial(4L * i + thread);
				boolean drains = thread == 0;
				running.add(this.threads.submit(() -> {
					barrier.await();
					for (int step = 0; step < 30; step++) {
						round.step(random, drains);
					}
					return null;
				}));
			}
			for (Future<?> future : running) {
				future.get(60, TimeUnit.SECONDS);
			}
			round.end("round " + i + " of " + seed);
		}
	}

	private static UpgradeContext noContext() {
		return (UpgradeContext) Proxy.newProxyInstance(UpgradeContext.class.getClassLoader(),
				new Class<?>[] { UpgradeContext.class }, (proxy, method, arguments) -> null);
	}

	/** What happens to one registry. */
	private final class Round implements SessionListener, FrameTap {

		private final LiveSessions registry = new LiveSessions();

		private final AtomicInteger ids = new AtomicInteger();

		private final Map<String, ProxiedSession> opened = new ConcurrentHashMap<>();

		private final Set<String> closed = ConcurrentHashMap.newKeySet();

		private final Queue<String> problems = new ConcurrentLinkedQueue<>();

		/** Called when a session has ended. */
		private volatile Runnable closing = () -> {
		};

		private final CountingPolicy[] policies = { new CountingPolicy(), new CountingPolicy(), new CountingPolicy() };

		private final List<SessionPipeline> pipelines = List.of(pipeline(0), pipeline(1, 0), pipeline(2));

		private SessionPipeline pipeline(int... numbers) {
			List<PolicyBinding> bindings = new ArrayList<>();
			for (int number : numbers) {
				bindings.add(PolicyBinding.of("policy" + number, this.policies[number]));
			}
			return SessionPipeline.of("test", SessionSettings.DEFAULT, bindings, bindings);
		}

		void step(Random random, boolean drains) throws InterruptedException {
			int what = random.nextInt(drains ? 7 : 5);
			ProxiedSession session = this.registry.stream()
				.skip(random.nextInt(1 + this.registry.size()))
				.findFirst()
				.orElse(null);
			if (what <= 1 || session == null) {
				open();
			}
			else if (what == 2) {
				int number = random.nextInt(this.pipelines.size());
				this.registry.switchPipelines((any) -> this.pipelines.get(number));
				session.send(random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM, TextFrame.of("sent"));
			}
			else if (what == 3) {
				session.tap(this);
				session.untap(this);
				require(this.registry.find(session.id()).isPresent() || !session.isOpen(),
						"an open session is not found");
			}
			else if (what == 4) {
				session.close(CloseStatus.NORMAL);
			}
			else if (what == 5) {
				drain(Duration.ofNanos(random.nextInt(3_000_000)));
			}
			else {
				this.registry.endDrain();
			}
		}

		private void open() throws InterruptedException {
			String id = "session" + this.ids.incrementAndGet();
			ChannelSession session = new ChannelSession(id, this.pipelines.get(0), this.registry, noContext(), null,
					null, List.of(this));
			EventLoop loop = LiveSessionsTests.this.loops.next();
			Channel client = connect(loop);
			Channel upstream = connect(loop);
			loop.submit(() -> this.opened.put(id, session.open(client, upstream))).sync();
		}

		private static Channel connect(EventLoop loop) throws InterruptedException {
			return new Bootstrap().group(loop)
				.channel(LocalChannel.class)
				.option(ChannelOption.AUTO_CLOSE, false)
				.option(ChannelOption.AUTO_READ, false)
				.handler(new ChannelInboundHandlerAdapter())
				.connect(PEERS)
				.sync()
				.channel();
		}

		/** When a drain is complete, the sessions from before it have ended. */
		private void drain(Duration window) {
			Set<String> before = Set.copyOf(this.opened.keySet());
			this.registry.drain(window)
				.thenRun(() -> require(this.closed.containsAll(before), "a drain is complete before its sessions"));
		}

		void end(String as) throws Exception {
			CompletableFuture<Void> drained = this.registry.drain(Duration.ZERO);
			drained.get(30, TimeUnit.SECONDS);
			assertThat(this.closed).as(as).isEqualTo(this.opened.keySet());
			assertThat(this.registry.size() + this.registry.unfinished()).as(as).isZero();
			assertThat(this.problems).as(as).isEmpty();
			for (CountingPolicy policy : this.policies) {
				assertThat(policy.serving).as(as).isEmpty();
				assertThat(policy.problems).as(as).isEmpty();
			}
		}

		private void require(boolean condition, String otherwise) {
			if (!condition) {
				this.problems.add(otherwise);
			}
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			require(this.closed.add(session.id()), "closed twice");
			require(this.registry.find(session.id()).isEmpty(), "found after its end");
			this.closing.run();
		}

		@Override
		public boolean wantsNext() {
			return true;
		}

		@Override
		public int payloadLimit() {
			return 10;
		}

		@Override
		public void onFrame(ProxiedSession session, TappedFrame frame) {
			require(!this.closed.contains(session.id()), "tapped after its end");
		}

	}

	/** Sees to it that each session begins and ends with it in order. */
	private static final class CountingPolicy implements FramePolicy {

		private final Set<String> serving = ConcurrentHashMap.newKeySet();

		private final Queue<String> problems = new ConcurrentLinkedQueue<>();

		@Override
		public void onOpen(ProxiedSession session) {
			require(this.serving.add(session.id()), "opened twice");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			require(this.serving.contains(context.session().id()), "asked though it does not serve");
			return Verdict.forward();
		}

		@Override
		public void onDetached(ProxiedSession session) {
			require(this.serving.remove(session.id()), "detached though it does not serve");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			require(this.serving.remove(session.id()), "closed though it does not serve");
		}

		private void require(boolean condition, String otherwise) {
			if (!condition) {
				this.problems.add(otherwise);
			}
		}

	}

	/** Ends its connection when it is sent a close frame. */
	@Sharable
	private static final class Peer extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf bytes = (ByteBuf) message;
			boolean closing = false;
			// Whole frames, since each of them is short.
			while (bytes.isReadable()) {
				closing |= (bytes.readByte() & 0xF) == WireFrame.CLOSE;
				int second = bytes.readByte();
				bytes.skipBytes((second & 0x7F) + ((second < 0) ? 4 : 0));
			}
			bytes.release();
			if (closing) {
				context.close();
			}
		}

	}

}
