package dev.wspolicy.netty;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How many tasks of sessions an event loop runs before it looks after its channels.
 */
class SharedLoopTests {

	private final SteadyChannel channel = new SteadyChannel();

	private final SharedLoop loop = new SharedLoop(this.channel.eventLoop());

	private final List<Integer> run = new ArrayList<>();

	/** A task that takes a millisecond. */
	private Runnable task(int number) {
		return () -> {
			this.run.add(number);
			this.channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
		};
	}

	private void round() {
		this.channel.runScheduledPendingTasks();
	}

	private static List<Integer> numbers(int from, int to) {
		return IntStream.range(from, to).boxed().toList();
	}

	@Test
	void tasksThatTakeLongerThanTheirPartOfARoundWaitForTheNextOne() {
		IntStream.range(0, 10).forEach((i) -> this.loop.execute(task(i)));
		// Runs the tasks of a round, and those of the next one.
		this.channel.runPendingTasks();
		assertThat(this.run).isEqualTo(numbers(0, 4));
		this.loop.execute(task(10));
		round();
		assertThat(this.run).isEqualTo(numbers(0, 6));
		IntStream.range(0, 3).forEach((i) -> round());
		assertThat(this.run).isEqualTo(numbers(0, 11));
	}

	@Test
	void shortTasksRunInOneRoundWhateverTheyAdd() {
		this.loop.execute(() -> {
			this.run.add(0);
			this.loop.execute(() -> this.run.add(1));
		});
		this.channel.runPendingTasks();
		assertThat(this.run).isEqualTo(numbers(0, 2));
	}

	@Test
	void turnsWaitForTheNextRoundAndGoRound() {
		for (int i = 0; i < 3; i++) {
			Runnable turn = task(i);
			this.loop.takeTurn(() -> {
				turn.run();
				this.loop.takeTurn(turn);
			});
		}
		assertThat(this.run).isEmpty();
		round();
		assertThat(this.run).containsExactly(0, 1);
		round();
		assertThat(this.run).containsExactly(0, 1, 2, 0);
		round();
		assertThat(this.run).containsExactly(0, 1, 2, 0, 1, 2);
	}

	@Test
	void shortTurnsThatComeAgainWaitForTheNextRound() {
		this.loop.takeTurn(() -> {
			this.run.add(0);
			this.loop.takeTurn(() -> this.run.add(1));
		});
		round();
		assertThat(this.run).isEqualTo(numbers(0, 1));
		round();
		assertThat(this.run).isEqualTo(numbers(0, 2));
	}

	@Test
	void taskThatFailsDoesNotHoldUpTheOthers() {
		this.loop.execute(() -> {
			throw new IllegalStateException("expected");
		});
		this.loop.execute(task(0));
		this.channel.runPendingTasks();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this.channel::checkException);
		assertThat(this.run).containsExactly(0);
	}

	/** Those whose verdicts come from other threads never run out of tasks. */
	@Test
	void taskOfTheEventLoopIsNotHeldUpByThoseThatKeepComing() throws Exception {
		AtomicBoolean done = new AtomicBoolean();
		try (LoopGroup group = new LoopGroup()) {
			EventLoop channels = group.loop().next();
			SharedLoop shared = new SharedLoop(channels);
			CompletableFuture<Integer> looked = new CompletableFuture<>();
			AtomicInteger tasks = new AtomicInteger();
			Queue<Runnable> judged = new ConcurrentLinkedQueue<>();
			Runnable[] task = new Runnable[1];
			task[0] = () -> {
				if (tasks.getAndIncrement() == 0) {
					// As the channels are, this is looked after between two rounds.
					channels.schedule(() -> looked.complete(tasks.get()), 0, TimeUnit.NANOSECONDS);
				}
				spin();
				judged.add(task[0]);
			};
			judged.addAll(Collections.nCopies(50, task[0]));
			Thread worker = new Thread(() -> {
				while (!done.get()) {
					Runnable next = judged.poll();
					if (next != null) {
						shared.execute(next);
					}
				}
			});
			worker.start();
			assertThat(looked.orTimeout(30, TimeUnit.SECONDS).join()).isLessThan(50);
			done.set(true);
			worker.join();
		}
		finally {
			done.set(true);
		}
	}

	/**
	 * The loop believes that it has run all tasks, and another thread that it will run
	 * one more. As often as it takes to find them at that, on a machine that is not too
	 * busy.
	 */
	@Test
	void taskThatComesWhenTheLastOneHasRunIsNotForgotten() throws Exception {
		try (LoopGroup group = new LoopGroup()) {
			SharedLoop shared = new SharedLoop(group.loop().next());
			AtomicInteger done = new AtomicInteger();
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
			for (int i = 1; i <= 100_000 && System.nanoTime() < end; i++) {
				shared.execute(done::incrementAndGet);
				long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
				while (done.get() < i && System.nanoTime() < latest) {
					Thread.onSpinWait();
				}
				assertThat(done).hasValue(i);
			}
		}
	}

	/** A policy that recurses without end may have used up the stack for instance. */
	@Test
	void loopThatHasFailedToTakeATaskIsToldOfTheNext() {
		AtomicBoolean failing = new AtomicBoolean(true);
		EventLoop events = this.channel.eventLoop();
		SharedLoop shared = new SharedLoop((EventLoop) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { EventLoop.class }, (proxy, method, args) -> {
					if (method.getName().equals("execute") && failing.getAndSet(false)) {
						throw new StackOverflowError("expected");
					}
					return method.invoke(events, args);
				}));
		assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> shared.execute(task(0)));
		shared.execute(task(1));
		this.channel.runPendingTasks();
		assertThat(this.run).containsExactly(1);
	}

	/** In practice, memory has run out. */
	@Test
	void tasksRunInThisRoundIfTheNextOneCannotBeScheduled() {
		SharedLoop shared = new SharedLoop(failing(new AtomicBoolean(true), "schedule"));
		IntStream.range(0, 10).forEach((i) -> shared.execute(task(i)));
		this.channel.runPendingTasks();
		assertThat(this.run).isEqualTo(numbers(0, 10));
	}

	@Test
	void turnsRunInThisRoundIfTheNextOneCannotBeScheduled() {
		SharedLoop shared = new SharedLoop(failing(new AtomicBoolean(true), "schedule"));
		IntStream.range(0, 10).forEach((i) -> shared.takeTurn(task(i)));
		this.channel.runPendingTasks();
		assertThat(this.run).isEqualTo(numbers(0, 10));
	}

	@Test
	void tasksThatNoRoundCouldBeFoundForRunWithTheNext() {
		AtomicBoolean failing = new AtomicBoolean();
		SharedLoop shared = new SharedLoop(failing(failing, "schedule", "execute"));
		IntStream.range(0, 10).forEach((i) -> shared.execute(task(i)));
		failing.set(true);
		this.channel.runPendingTasks();
		failing.set(false);
		shared.execute(task(10));
		IntStream.range(0, 10).forEach((i) -> this.channel.runPendingTasks());
		assertThat(this.run).isEqualTo(numbers(0, 11));
	}

	@Test
	void turnsThatNoRoundCouldBeFoundForBeginWithTheNext() {
		AtomicBoolean failing = new AtomicBoolean();
		SharedLoop shared = new SharedLoop(failing(failing, "schedule", "execute"));
		IntStream.range(0, 10).forEach((i) -> shared.takeTurn(task(i)));
		failing.set(true);
		this.channel.runPendingTasks();
		failing.set(false);
		shared.takeTurn(task(10));
		IntStream.range(0, 10).forEach((i) -> this.channel.runPendingTasks());
		assertThat(this.run).isEqualTo(numbers(0, 11));
	}

	/** Returns the loop of the channel, some of whose methods may fail. */
	private EventLoop failing(AtomicBoolean failing, String... methods) {
		EventLoop events = this.channel.eventLoop();
		return (EventLoop) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { EventLoop.class },
				(proxy, method, args) -> {
					if (failing.get() && List.of(methods).contains(method.getName())) {
						throw new IllegalStateException("expected");
					}
					return method.invoke(events, args);
				});
	}

	/** Netty cancels what is scheduled when its loop begins to end. */
	@Test
	void whatWaitsForTheNextRoundIsNotLostIfTheLoopEnds() {
		CompletableFuture<Void> task = new CompletableFuture<>();
		CompletableFuture<Void> turn = new CompletableFuture<>();
		try (LoopGroup group = new LoopGroup()) {
			EventLoop channels = group.loop().next();
			SharedLoop shared = new SharedLoop(channels);
			CompletableFuture<Void> ending = new CompletableFuture<>();
			channels.execute(() -> {
				shared.execute(() -> {
					for (int i = 0; i < 20; i++) {
						spin();
					}
					shared.takeTurn(() -> turn.complete(null));
				});
				shared.execute(() -> task.complete(null));
				channels.execute(() -> {
					group.loop().shutdownGracefully(0, 10, TimeUnit.SECONDS);
					ending.complete(null);
				});
			});
			ending.orTimeout(30, TimeUnit.SECONDS).join();
		}
		assertThat(task).isCompleted();
		assertThat(turn).isCompleted();
	}

	private static void spin() {
		long end = System.nanoTime() + 200_000;
		long now = System.nanoTime();
		while (now < end) {
			now = System.nanoTime();
		}
	}

	@Test
	void loopThatHasEndedRejectsTasks() {
		SharedLoop shared;
		try (LoopGroup group = new LoopGroup()) {
			shared = new SharedLoop(group.loop().next());
			CompletableFuture<Void> ran = new CompletableFuture<>();
			shared.execute(() -> ran.complete(null));
			ran.orTimeout(30, TimeUnit.SECONDS).join();
		}
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(RejectedExecutionException.class)
				.isThrownBy(() -> shared.execute(() -> this.run.add(0)));
		}
		assertThat(this.run).isEmpty();
	}

	@Test
	void loopsThatHaveEndedAreForgotten() {
		LiveSessions sessions = new LiveSessions();
		EventLoop ended;
		SharedLoop shared;
		try (LoopGroup group = new LoopGroup()) {
			ended = group.loop().next();
			shared = sessions.sharedLoop(ended);
			assertThat(sessions.sharedLoop(ended)).isSameAs(shared);
		}
		sessions.sharedLoop(this.channel.eventLoop());
		assertThat(sessions.sharedLoop(ended)).isNotSameAs(shared);
	}

	/**
	 * A group of one event loop.
	 */
	private record LoopGroup(EventLoopGroup loop) implements AutoCloseable {

		LoopGroup() {
			this(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()));
		}

		@Override
		public void close() {
			this.loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
		}

	}

}
