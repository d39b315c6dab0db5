package dev.wspolicy.proving.model;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.netty.EmbeddedSession;
import dev.wspolicy.netty.FailingAllocator;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.proving.model.Program.Action;
import dev.wspolicy.proving.model.Program.Caller;
import dev.wspolicy.proving.model.Program.Failing;
import dev.wspolicy.proving.model.Program.Script;
import dev.wspolicy.proving.model.Program.Step;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.LimitOverrides;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.WireFrame;

/**
 * Runs a program with a session between two channels, whose peers send one frame after
 * the other as far as the session reads, in pieces made up by chance.
 */
final class ProgramRun implements ScriptedPolicy.Playing, SessionListener, FrameTap {

	private final FailingAllocator allocator = new FailingAllocator(() -> attempt(Failing.ALLOCATOR));

	private final LiveSessions registry = new LiveSessions();

	private final Map<Side, Peer> peers = new EnumMap<>(Side.class);

	private final Map<String, ScriptedPolicy> policies = new LinkedHashMap<>();

	private final List<SessionPipeline> pipelines = new ArrayList<>();

	private final List<ScriptedPolicy.Promise> promises = new ArrayList<>();

	/** Those that can be kept in this step. */
	private final List<ScriptedPolicy.Promise> offered = new ArrayList<>();

	private final List<ScriptedPolicy.Promise> allPromises = new ArrayList<>();

	private final List<Termination> terminations = new ArrayList<>();

	private final List<String> problems = new ArrayList<>();

	private final EmbeddedSession session;

	private final EmbeddedSession other;

	/** What the policy of the other session does when it is asked. */
	private @Nullable Action delegated;

	private final Map<Failing, Integer> faults = new HashMap<>();

	private boolean failed;

	private int sent;

	ProgramRun(Program program) {
		for (Side side : Side.values()) {
			this.peers.put(side, new Peer(side));
		}
		for (Program.Stages stages : program.pipelines()) {
			this.pipelines.add(SessionPipeline.of("test", SessionSettings.DEFAULT, bindings(stages.inbound()),
					bindings(stages.outbound())));
		}
		this.session = EmbeddedSession.builder()
			.channels(peer(Side.CLIENT).channel, peer(Side.UPSTREAM).channel)
			.pipeline(this.pipelines.get(0))
			.budget(new TurnBudget(1, 64 * 1024, 64 * 1024))
			.registry(this.registry)
			.listeners(this)
			.open();
		this.other = EmbeddedSession.builder()
			.id("other")
			.inbound(List.of(PolicyBinding.of("delegate", (frame, context) -> {
				Action action = this.delegated;
				this.delegated = null;
				if (action != null) {
					perform(action);
				}
				return Verdict.drop();
			})))
			.open();
	}

	private List<PolicyBinding> bindings(List<Script> scripts) {
		return scripts.stream()
			.map((script) -> this.policies.computeIfAbsent(script.name(), (name) -> new ScriptedPolicy(script, this)))
			.map(ScriptedPolicy::binding)
			.toList();
	}

	private Peer peer(Side side) {
		return this.peers.get(side);
	}

	private void attempt(Failing failing) {
		Integer left = this.faults.computeIfPresent(failing, (key, count) -> count - 1);
		if (left != null && left < 0) {
			this.faults.remove(failing);
			this.failed = true;
			if (failing == Failing.EXECUTOR) {
				throw new RejectedExecutionException("the event loop is full");
			}
			throw new OutOfMemoryError("no more buffers");
		}
	}

	// What happens

	void take(Step step) {
		// No two timers go off at the same time.
		pass(TimeUnit.MILLISECONDS.toNanos(1));
		this.offered.clear();
		for (Direction direction : List.of(Direction.INBOUND, Direction.OUTBOUND)) {
			this.promises.stream().filter((promise) -> promise.direction() == direction).forEach(this.offered::add);
		}
		if (step instanceof Step.Data data) {
			peer(data.from()).send(data);
		}
		else if (step instanceof Step.Control control) {
			String label = ReferenceModel.labelOf(control.from(), control.id());
			peer(control.from()).send(control.ping() ? WireFrame.ping(label) : WireFrame.pong(label));
		}
		else if (step instanceof Step.Close close) {
			peer(close.from()).send((close.code() == 0) ? WireFrame.close() : WireFrame.close(close.code()));
		}
		else if (step instanceof Step.Violate violate) {
			peer(violate.from()).send(WireFrame.text("bad").rsv(2));
		}
		else if (step instanceof Step.Lose lose) {
			peer(lose.from()).lose(lose.reset());
		}
		else if (step instanceof Step.Do call) {
			call(call.caller(), call.action());
		}
		else if (step instanceof Step.Fault fault) {
			this.faults.put(fault.failing(), fault.after());
		}
		else if (step instanceof Step.Wait wait) {
			pass(TimeUnit.SECONDS.toNanos(wait.seconds()));
		}
		settle();
	}

	/** Lets time pass from one timer to the next. */
	private void pass(long nanos) {
		for (long left = nanos; left > 0;) {
			long next = peer(Side.CLIENT).channel.runScheduledPendingTasks();
			long passing = (next < 0) ? left : Math.min(left, Math.max(1, next));
			this.peers.values().forEach((peer) -> peer.channel.advanceTimeBy(passing, TimeUnit.NANOSECONDS));
			left -= passing;
			settle();
		}
	}

	private void call(Caller caller, Action action) {
		switch (caller) {
			case LOOP -> perform(action);
			case THREAD -> ScriptedPolicy.Playing.onAnotherThread(() -> perform(action));
			case OTHER_SESSION -> {
				this.delegated = action;
				this.other.read(Side.CLIENT, WireFrame.text("go"));
			}
		}
	}

	@Override
	public void perform(Action action) {
		ProxiedSession session = this.session.proxied();
		if (action instanceof Action.Send send) {
			String label = "s" + this.sent++ + ";";
			Frame frame = send.ping() ? PingFrame.of(label.getBytes()) : TextFrame.of(label);
			session.send(send.to(), frame);
		}
		else if (action instanceof Action.Close close) {
			session.close(CloseStatus.of(close.toClient()), CloseStatus.of(close.toUpstream()));
		}
		else if (action instanceof Action.Limit limit) {
			session.limits(limit.direction(), LimitOverrides.ofMessage(limit.bytes()));
		}
		else if (action instanceof Action.Keep keep) {
			if (!this.offered.isEmpty()) {
				ScriptedPolicy.Promise promise = this.offered.remove(keep.which() % this.offered.size());
				this.promises.remove(promise);
				promise.keep(keep.answer());
			}
		}
		else if (action instanceof Action.Switch change) {
			this.session.switchPipeline(this.pipelines.get(change.pipeline() % this.pipelines.size()));
		}
		else if (action instanceof Action.Schedule schedule) {
			TextFrame frame = TextFrame.of("s" + this.sent++ + ";");
			session.schedule(Duration.ofSeconds(schedule.seconds()), () -> session.send(schedule.to(), frame));
		}
		else if (action instanceof Action.Tap tap) {
			if (tap.attached()) {
				session.tap(this);
			}
			else {
				session.untap(this);
			}
		}
		else if (action instanceof Action.SendElsewhere) {
			this.other.proxied().send(Side.CLIENT, TextFrame.of("elsewhere"));
		}
	}

	/** Lets the session read and work until nothing is left to do. */
	private void settle() {
		boolean moved = true;
		while (moved) {
			moved = false;
			for (Peer peer : this.peers.values()) {
				moved |= peer.channel.runTasks();
			}
			this.other.runTasks();
			for (Peer peer : this.peers.values()) {
				moved |= peer.write();
			}
		}
		this.peers.values().forEach(Peer::read);
	}

	/** Ends the session, if it has not ended. */
	void end() {
		this.faults.clear();
		for (Side side : Side.values()) {
			take(new Step.Lose(side, true));
		}
		// A verdict may be awaited on each frame that has arrived before the loss.
		for (int i = 0; i < 1000 && this.terminations.isEmpty(); i++) {
			take(new Step.Wait(10));
		}
	}

	// What has become of it

	Outcome outcome(Side side) {
		Peer peer = peer(side);
		return Outcome.of(side, peer.got.toByteArray(), !peer.channel.isOpen());
	}

	boolean hasFailed() {
		return this.failed;
	}

	@Nullable Termination termination() {
		return this.terminations.isEmpty() ? null : this.terminations.get(0);
	}

	int sentElsewhere() {
		return this.other.frames(Side.CLIENT).size();
	}

	/** Finds what is left of the session after its end. */
	List<String> findProblems() {
		require(this.terminations.size() == 1, "ended so often: " + this.terminations.size());
		require(this.registry.size() == 0 && this.registry.unfinished() == 0, "sessions are left");
		require(this.registry.drain(Duration.ZERO).isDone(), "the drain waits");
		require(this.policies.values().stream().noneMatch(ScriptedPolicy::isServing), "a policy serves no session");
		for (ScriptedPolicy.Promise promise : this.allPromises) {
			require(!promise.cancellable() || promise.verdict().isDone() || this.failed,
					"nobody waits for a verdict, and it is not cancelled: " + promise);
		}
		for (Peer peer : this.peers.values()) {
			require(peer.channel.runScheduledPendingTasks() == -1, "a timer is left");
			peer.channel.releaseOutbound();
		}
		require(this.allocator.buffers().stream().noneMatch((buffer) -> buffer.refCnt() > 0), "a buffer is left");
		return this.problems;
	}

	void close() {
		this.session.close();
		this.other.close();
	}

	@Override
	public void require(boolean condition, String otherwise) {
		if (!condition) {
			this.problems.add(otherwise);
		}
	}

	@Override
	public void promised(ScriptedPolicy.Promise promise) {
		this.promises.add(promise);
		this.allPromises.add(promise);
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.terminations.add(termination);
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
		// It is enough that it is copied
	}

	/** One of the peers. */
	private final class Peer {

		private final Side side;

		private final ProvingChannel channel = new ProvingChannel(() -> attempt(Failing.EXECUTOR));

		private final Deque<byte[]> toSend = new ArrayDeque<>();

		private final ByteArrayOutputStream got = new ByteArrayOutputStream();

		private boolean inMessage;

		private boolean ended;

		Peer(Side side) {
			this.side = side;
			this.channel.config().setAllocator(ProgramRun.this.allocator);
		}

		void send(Step.Data data) {
			String label = ReferenceModel.labelOf(this.side, data.id());
			WireFrame frame = this.inMessage ? WireFrame.continuation(label) : WireFrame.text(label);
			this.inMessage = !data.fin();
			send(frame.fin(data.fin()));
		}

		void send(WireFrame frame) {
			if (!this.ended) {
				this.toSend.add(frame.from(this.side).encode());
			}
		}

		/** Sends the next frame in pieces, if the session reads. */
		boolean write() {
			if (this.toSend.isEmpty() || !this.channel.isActive() || !this.channel.config().isAutoRead()) {
				return false;
			}
			byte[] bytes = this.toSend.remove();
			Random random = new Random(bytes.length * 31L + bytes[bytes.length - 1]);
			for (int from = 0; from < bytes.length;) {
				int to = Math.min(bytes.length, from + 1 + random.nextInt(bytes.length));
				arrive(bytes, from, to);
				this.channel.pipeline().fireChannelReadComplete();
				from = to;
			}
			return true;
		}

		private void arrive(byte[] bytes, int from, int to) {
			ByteBuf buffer = ProgramRun.this.allocator.untouched(to - from);
			buffer.writeBytes(bytes, from, to - from);
			this.channel.pipeline().fireChannelRead(buffer);
		}

		void lose(boolean reset) {
			if (this.ended && !reset) {
				return;
			}
			// What the socket has received is read, whether or not the session wants it.
			while (!this.toSend.isEmpty() && this.channel.isActive()) {
				byte[] bytes = this.toSend.remove();
				arrive(bytes, 0, bytes.length);
			}
			this.ended = true;
			if (this.channel.isActive()) {
				this.channel.pipeline().fireChannelReadComplete();
				if (reset) {
					ProgramRun.this.session.lose(this.side);
				}
				else {
					this.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
				}
			}
		}

		void read() {
			EmbeddedChannel channel = this.channel;
			for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
				byte[] bytes = new byte[buffer.readableBytes()];
				buffer.readBytes(bytes).release();
				this.got.writeBytes(bytes);
			}
		}

	}

}
