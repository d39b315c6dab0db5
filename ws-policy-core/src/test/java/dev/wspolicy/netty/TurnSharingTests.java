package dev.wspolicy.netty;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the sessions of an event loop that want more than their turn share it.
 */
class TurnSharingTests {

	private static final int FRAMES = 640;

	private final LiveSessions registry = new LiveSessions();

	private final List<EmbeddedSession> sessions = new ArrayList<>();

	private int judged;

	private EmbeddedSession open() {
		return open(0);
	}

	/** Opens a session with a policy that takes its time. */
	private EmbeddedSession open(int micros) {
		SteadyChannel client = new SteadyChannel();
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.budget(new TurnBudget(FRAMES, 1_000_000, 1_000_000))
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> {
				this.judged++;
				client.advanceTimeBy(micros, TimeUnit.MICROSECONDS);
				return Verdict.drop();
			})))
			.open();
		this.sessions.add(session);
		return session;
	}

	/** Lets a session send more than it may in a turn, and returns what it may. */
	private int flood(EmbeddedSession session) {
		int before = this.judged;
		session.arrive(Side.CLIENT, Collections.nCopies(5000, WireFrame.text("")).toArray(WireFrame[]::new));
		session.readComplete(Side.CLIENT);
		return this.judged - before;
	}

	/** Runs the next turn of a session, and returns how much that has judged. */
	private int turn(EmbeddedSession session) {
		int before = this.judged;
		((SteadyChannel) session.channel(Side.CLIENT)).runScheduledPendingTasks();
		return this.judged - before;
	}

	@AfterEach
	void close() {
		this.sessions.forEach(EmbeddedSession::close);
		assertThat(this.registry.turnClock(System::nanoTime).waiting()).isZero();
	}

	@Test
	void sessionAloneHasTheWholeBudget() {
		EmbeddedSession session = open();
		assertThat(flood(session)).isEqualTo(FRAMES);
		assertThat(turn(session)).isEqualTo(FRAMES);
	}

	@Test
	void budgetIsSharedByThoseThatWait() {
		for (int i = 0; i < 4; i++) {
			flood(open());
		}
		assertThat(this.sessions).allSatisfy((session) -> assertThat(turn(session)).isEqualTo(FRAMES / 4));
	}

	/** The clock is read after the 16th, 33rd and 50th frame. */
	@Test
	void timeOfATurnIsSharedByThoseThatWait() {
		assertThat(flood(open(100))).isEqualTo(50);
		for (int i = 0; i < 3; i++) {
			flood(open(100));
		}
		assertThat(this.sessions).allSatisfy((session) -> assertThat(turn(session)).isEqualTo(16));
	}

	@Test
	void shareIsNeverTiny() {
		for (int i = 0; i < 100; i++) {
			flood(open());
		}
		assertThat(this.sessions).allSatisfy((session) -> assertThat(turn(session)).isEqualTo(64));
	}

	@Test
	void sessionsThatHaveEndedOrCaughtUpShareNoLonger() {
		EmbeddedSession first = open();
		flood(first);
		EmbeddedSession second = open();
		flood(second);
		flood(open());
		second.driver().dispose();
		EmbeddedSession done = open();
		done.arrive(Side.CLIENT, Collections.nCopies(FRAMES + 1, WireFrame.text("")).toArray(WireFrame[]::new));
		done.readComplete(Side.CLIENT);
		while (turn(done) > 0) {
			// Until it has caught up.
		}
		assertThat(turn(first)).isEqualTo(FRAMES / 2);
	}

	/** However long it then waits for the event loop, which is busy with others. */
	@Test
	void verdictThatHasComeInTimeCounts() {
		SteadyChannel client = new SteadyChannel();
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> Verdict.later(promise))))
			.open();
		this.sessions.add(session);
		session.read(Side.CLIENT, WireFrame.text("hi"));
		client.advanceTimeBy(Timeouts.DEFAULT.verdict().toNanos() - 1_000_000, TimeUnit.NANOSECONDS);
		occupyLoop(client);
		promise.complete(Verdict.forward());
		for (int i = 0; i < 4; i++) {
			session.runTasks();
		}
		assertThat(session.frames(Side.UPSTREAM)).hasSize(1);
		assertThat(session.frames(Side.CLIENT)).isEmpty();
	}

	/**
	 * A policy that limits the time of another system cancels its task with the answer.
	 */
	@Test
	void taskThatIsDueDoesNotOvertakeWhatHasBeenCalledBefore() {
		SteadyChannel client = new SteadyChannel();
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.open();
		this.sessions.add(session);
		session.proxied()
			.schedule(Duration.ofSeconds(1), () -> session.proxied().send(Side.UPSTREAM, TextFrame.of("task")));
		client.advanceTimeBy(999, TimeUnit.MILLISECONDS);
		occupyLoop(client);
		session.proxied().send(Side.UPSTREAM, TextFrame.of("before"));
		for (int i = 0; i < 4; i++) {
			session.runTasks();
		}
		assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::payloadAsText)
			.containsExactly("before", "task");
	}

	@Test
	void taskThatIsDueCanBeCancelledByWhatHasBeenCalledBefore() {
		SteadyChannel client = new SteadyChannel();
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.open();
		this.sessions.add(session);
		AtomicBoolean run = new AtomicBoolean();
		ScheduledTask task = session.proxied().schedule(Duration.ofSeconds(1), () -> run.set(true));
		client.advanceTimeBy(999, TimeUnit.MILLISECONDS);
		occupyLoop(client);
		session.driver().execute(task::cancel);
		for (int i = 0; i < 4; i++) {
			session.runTasks();
		}
		assertThat(run).isFalse();
	}

	@Test
	void verdictOnWhatALostLegHasSentCountsAlthoughItsDeadlineIsDue() {
		SteadyChannel client = new SteadyChannel();
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		EmbeddedSession session = openWith(client, promise);
		session.read(Side.CLIENT, WireFrame.text("first"), WireFrame.text("second"));
		session.lose(Side.CLIENT);
		client.advanceTimeBy(Timeouts.DEFAULT.close().toNanos() - 1_000_000, TimeUnit.NANOSECONDS);
		completeWhileLoopIsBusy(promise, client, session);
		assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::opcode)
			.containsExactly(WireFrame.TEXT, WireFrame.TEXT, WireFrame.CLOSE);
	}

	@Test
	void frameThatCannotGoOnBeforeItsVerdictDoesNotStall() {
		SteadyChannel client = new SteadyChannel();
		CompletableFuture<Verdict> promise = new CompletableFuture<>();
		EmbeddedSession session = openWith(client, promise);
		byte[] frames = WireFrame.encodeAll(WireFrame.text("first").masked(), WireFrame.text("second").masked());
		session.read(Side.CLIENT, Unpooled.wrappedBuffer(frames, 0, frames.length - 1));
		client.advanceTimeBy(Timeouts.DEFAULT.frame().toNanos() - 1_000_000, TimeUnit.NANOSECONDS);
		completeWhileLoopIsBusy(promise, client, session);
		session.read(Side.CLIENT, Unpooled.wrappedBuffer(frames, frames.length - 1, 1));
		assertThat(session.frames(Side.UPSTREAM)).extracting(WireFrame::opcode)
			.containsExactly(WireFrame.TEXT, WireFrame.TEXT);
	}

	private EmbeddedSession openWith(SteadyChannel client, CompletableFuture<Verdict> promise) {
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.timeouts(Timeouts.builder().verdict(Duration.ofMinutes(1)).build())
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> Verdict.later(promise))))
			.open();
		this.sessions.add(session);
		return session;
	}

	/** Gives the loop tasks that take longer than a round allows. */
	private void occupyLoop(SteadyChannel client) {
		for (int i = 0; i < 3; i++) {
			this.registry.sharedLoop(client.eventLoop()).execute(() -> client.advanceTimeBy(2, TimeUnit.MILLISECONDS));
		}
	}

	private void completeWhileLoopIsBusy(CompletableFuture<Verdict> promise, SteadyChannel client,
			EmbeddedSession session) {
		occupyLoop(client);
		promise.complete(Verdict.forward());
		for (int i = 0; i < 4; i++) {
			session.runTasks();
		}
	}

	/** The alarm waits behind the verdict that it was for. */
	@Test
	void alarmThatWaitsDoesNotGoOffForTheNextVerdict() {
		SteadyChannel client = new SteadyChannel();
		CompletableFuture<Verdict> first = new CompletableFuture<>();
		CompletableFuture<Verdict> second = new CompletableFuture<>();
		List<CompletableFuture<Verdict>> promises = new ArrayList<>(List.of(first, second));
		EmbeddedSession session = EmbeddedSession.builder()
			.registry(this.registry)
			.channels(client, new SteadyChannel())
			.inbound(List.of(PolicyBinding.of("policy", (frame, context) -> Verdict.later(promises.remove(0)))))
			.open();
		this.sessions.add(session);
		session.read(Side.CLIENT, WireFrame.text("hi"), WireFrame.text("there"));
		client.advanceTimeBy(Timeouts.DEFAULT.verdict().toNanos() - 1_000_000, TimeUnit.NANOSECONDS);
		occupyLoop(client);
		first.complete(Verdict.forward());
		for (int i = 0; i < 4; i++) {
			session.runTasks();
		}
		assertThat(promises).isEmpty();
		assertThat(session.frames(Side.CLIENT)).isEmpty();
		second.complete(Verdict.forward());
		session.runTasks();
		assertThat(session.frames(Side.UPSTREAM)).hasSize(2);
	}

	@Test
	void allFramesAreJudgedInTheEnd() {
		for (int i = 0; i < 4; i++) {
			flood(open());
		}
		while (this.sessions.stream().mapToInt(this::turn).sum() > 0) {
			// Until nothing is left.
		}
		assertThat(this.judged).isEqualTo(4 * 5000);
	}

}
