package dev.wspolicy.netty;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.netty.channel.socket.ChannelInputShutdownEvent;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.Utf8Validation;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.relay.RelayObserver;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A session made up by chance, with what its peers must get.
 */
final class RandomSession implements RelayObserver, FrameTap {

	private static final ProxiedSession SESSION = new TestSession("session", "route", null,
			new InetSocketAddress("127.0.0.1", 4711), Instant.EPOCH);

	final Random random;

	final FailingAllocator allocator = new FailingAllocator(this::allocate);

	private final Map<Side, RandomPeer> peers = new EnumMap<>(Side.class);

	final Deque<CompletableFuture<Verdict>> promises = new ArrayDeque<>();

	final RelayDriver driver;

	private final SessionSettings settings;

	private int terminations;

	int number;

	private boolean tapped;

	/** How many buffers can still be allocated. */
	private int left = Integer.MAX_VALUE;

	private boolean failed;

	RandomSession(int seed) {
		this.random = new Random(seed);
		for (Side side : Side.values()) {
			this.peers.put(side, new RandomPeer(this, side));
		}
		this.settings = SessionSettings.builder()
			.limits(Limits.NONE)
			.wireOptions(new WireOptions(chance(30) ? Masking.REMASK : Masking.PRESERVE,
					chance(30) ? Utf8Validation.ALWAYS : Utf8Validation.WHEN_READ, WireOptions.DEFAULT.compression()))
			.build();
		TurnBudget budget = new TurnBudget(1 + this.random.nextInt(chance(50) ? 5 : 100),
				1 + this.random.nextInt(chance(50) ? 5_000 : 100_000),
				1 + this.random.nextInt(chance(50) ? 5_000 : 100_000));
		RandomPeer client = peer(Side.CLIENT);
		RandomPeer upstream = peer(Side.UPSTREAM);
		this.driver = new RelayDriver(SESSION, pipeline(), budget, this,
				client.channel.pipeline().context(client.handler), client.agreement,
				upstream.channel.pipeline().context(upstream.handler), upstream.agreement);
		client.handler.attach(this.driver);
		upstream.handler.attach(this.driver);
		this.driver.start();
	}

	private SessionPipeline pipeline() {
		return SessionPipeline.of("test", this.settings, peer(Side.CLIENT).policies(), peer(Side.UPSTREAM).policies());
	}

	/**
	 * Runs out of memory, if the session comes so far.
	 * @param left how many buffers can still be allocated
	 */
	void runWithMemoryFor(int left) {
		this.left = left;
		int length = 30 + this.random.nextInt(100);
		for (int i = 0; i < length; i++) {
			step();
		}
		this.left = Integer.MAX_VALUE;
		end();
	}

	private void allocate() {
		if (--this.left == 0) {
			this.failed = true;
			throw new OutOfMemoryError("no more buffers");
		}
	}

	void run() {
		int length = 20 + this.random.nextInt(150);
		for (int i = 0; i < length; i++) {
			step();
		}
		if (chance(40)) {
			endInTheMiddle();
			return;
		}
		int ending = this.random.nextInt(4);
		RandomPeer ender = peer(this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM);
		RandomPeer other = peer(ender.side.peer());
		if (ending >= 1) {
			settle();
			for (int i = this.random.nextInt(20); i > 0; i--) {
				ender.say();
			}
		}
		switch (ending) {
			case 0 -> settle();
			case 1 -> {
				ender.write(WireFrame.close(4001));
				settle();
				other.expectClose(4001);
				other.write(WireFrame.close(4002));
				settle();
				ender.expectClose(4002);
			}
			case 2 -> {
				// As on epoll: all that the socket has received is read.
				ender.readAll();
				ender.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
				ender.over = true;
				other.toRead.clear();
				other.over = true;
				settle();
				other.expectClose((ender.side == Side.CLIENT) ? 1001 : 1011);
			}
			default -> {
				ender.readAll();
				ender.channel.lose();
				ender.over = true;
				other.toRead.clear();
				other.over = true;
				settle();
				other.expectClose((ender.side == Side.CLIENT) ? 1001 : 1011);
			}
		}
		other.check();
		if (ending < 2) {
			ender.check();
		}
		for (Side side : Side.values()) {
			assertThat(this.driver.buffered(side)).as("buffered for " + side).isZero();
		}
		end();
	}

	private void endInTheMiddle() {
		int ends = 1 + this.random.nextInt(3);
		for (int i = 0; i < ends; i++) {
			RandomPeer peer = peer(this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM);
			if (peer.over || !peer.channel.isActive()) {
				peer.over = true;
				continue;
			}
			switch (this.random.nextInt(6)) {
				case 0 -> {
					peer.write(WireFrame.close(4000));
					peer.closing = true;
				}
				case 1 -> {
					peer.readAll();
					peer.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
					peer.over = true;
				}
				case 2 -> {
					peer.channel.lose();
					peer.over = true;
				}
				case 3 -> this.driver.close(CloseStatus.of(4003), CloseStatus.of(4004), Cause.REQUESTED);
				case 4 -> peer.write(WireFrame.text("bad").rsv(2));
				default -> {
					peer.write(WireFrame.close(4000));
					peer.readAll();
					peer.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
					peer.over = true;
				}
			}
			int length = this.random.nextInt(30);
			for (int j = 0; j < length; j++) {
				step();
			}
		}
		settle();
		peer(Side.CLIENT).channel.advanceTimeBy(6, TimeUnit.SECONDS);
		settle();
		for (RandomPeer peer : this.peers.values()) {
			if (!peer.over && !peer.closing && peer.channel.isActive()) {
				List<WireFrame> got = EmbeddedSession.parse(peer.channel.taken.toByteArray());
				assertThat(got).as("to " + peer.side).isNotEmpty();
				assertThat(got.get(got.size() - 1).opcode()).as("to " + peer.side).isEqualTo(WireFrame.CLOSE);
			}
		}
		for (Side side : Side.values()) {
			RandomPeer peer = peer(side);
			if (!peer.over && peer.channel.isActive()) {
				peer.write(WireFrame.close(4005));
			}
		}
		settle();
		this.peers.values().forEach(RandomPeer::checkOrder);
		end();
	}

	private void end() {
		this.peers.values().forEach((peer) -> {
			peer.channel.lose();
			peer.channel.runTasks();
		});
		for (int i = 0; i < 1000 && this.terminations == 0; i++) {
			// Turn by turn
			runTasks();
		}
		for (int i = 0; i < 50 && this.terminations == 0; i++) {
			// What is left for one that is gone is given up after the close timeout, once
			// there is a verdict on what came before.
			keepPromise();
			peer(Side.CLIENT).channel.advanceTimeBy(6, TimeUnit.SECONDS);
			runTasks();
		}
		assertThat(this.terminations).as("terminations").isEqualTo(1);
		assertThat(this.allocator.buffers()).as("buffers").noneMatch((buffer) -> buffer.refCnt() > 0);
		this.peers.values()
			.forEach((peer) -> assertThat(peer.channel.runScheduledPendingTasks()).as("timers").isEqualTo(-1));
	}

	private void step() {
		RandomPeer peer = peer(this.random.nextBoolean() ? Side.CLIENT : Side.UPSTREAM);
		int what = this.random.nextInt(100);
		if (what < 30) {
			peer.say();
		}
		else if (what < 55) {
			peer.read();
		}
		else if (what < 75) {
			peer.channel.take(this.random.nextInt(chance(20) ? 100_000 : 3_000));
		}
		else if (what < 80) {
			inject(peer);
		}
		else if (what < 85) {
			keepPromise();
		}
		else if (what < 88) {
			SessionPipeline pipeline = pipeline();
			this.driver.execute(() -> this.driver.relay().switchPipeline(pipeline));
		}
		else if (what < 90) {
			tap();
		}
		else {
			runTasks();
		}
	}

	private void inject(RandomPeer peer) {
		if (chance(30)) {
			this.driver.inject(peer.side, PingFrame.of(new byte[this.random.nextInt(100)]));
			return;
		}
		String text = "i" + this.number++ + filler(chance(20) ? 100_000 : 3_000);
		peer.injected.add(text);
		this.driver.inject(peer.side, TextFrame.of(text));
	}

	private void tap() {
		this.tapped = !this.tapped;
		if (this.tapped) {
			this.driver.tap(this);
		}
		else {
			this.driver.untap(this);
		}
	}

	private void keepPromise() {
		CompletableFuture<Verdict> promise = this.promises.poll();
		if (promise != null) {
			promise.complete(Verdict.forward());
		}
	}

	private void runTasks() {
		this.peers.values().forEach((peer) -> peer.channel.runTasks());
	}

	private void settle() {
		for (int idle = 0; idle < 200; idle++) {
			for (RandomPeer peer : this.peers.values()) {
				if (peer.read()) {
					idle = 0;
				}
				if (peer.channel.take(1 + this.random.nextInt(200_000))) {
					idle = 0;
				}
			}
			if (!this.promises.isEmpty()) {
				idle = 0;
				keepPromise();
			}
			runTasks();
		}
	}

	boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

	String filler(int length) {
		byte[] filler = new byte[1 + this.random.nextInt(length)];
		boolean dull = this.random.nextBoolean();
		if (!dull) {
			this.random.nextBytes(filler);
		}
		for (int i = 1; i < filler.length; i++) {
			filler[i] = (byte) ('a' + (filler[i] & 0xFF) % 26);
		}
		filler[0] = ':';
		return new String(filler, StandardCharsets.ISO_8859_1);
	}

	@Override
	public void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure) {
		if (!this.failed && !(failure instanceof TimeoutException)) {
			throw new AssertionError(failure);
		}
	}

	@Override
	public void onHeartbeatMissed(Side side) {
		// Nobody is pinged
	}

	@Override
	public void onEnding() {
		// Seen by what is written
	}

	@Override
	public void onPipelineSwitched(Direction direction, SessionPipeline pipeline) {
		// What passes is the same
	}

	@Override
	public void onTerminated(Termination termination) {
		this.terminations++;
		assertThat(this.failed || termination.cause() != Cause.INTERNAL_ERROR).as("no bug").isTrue();
		this.driver.dispose();
	}

	@Override
	public boolean wantsNext() {
		return chance(70);
	}

	@Override
	public int payloadLimit() {
		return 100;
	}

	@Override
	public void onFrame(ProxiedSession session, TappedFrame frame) {
		// It is enough that it has been copied
	}

	RandomPeer peer(Side side) {
		return this.peers.get(side);
	}

	@Override
	public String toString() {
		return this.peers.toString();
	}

}
