package dev.wspolicy.redis;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.Crowd;
import dev.wspolicy.testkit.Crowd.Peer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * WebSocket sessions through gateways, both of whose ends send a numbered message every
 * few milliseconds. Fails if a message is lost or overtaken, or if a session ends.
 */
final class SocketTraffic implements AutoCloseable {

	private final Crowd crowd = Crowd.start(65_536);

	private final long pause;

	private final List<Flow> flows = new ArrayList<>();

	private final Thread thread = new Thread(this::run, "socket-traffic");

	private volatile boolean stopped;

	private volatile boolean paused;

	private volatile @Nullable Throwable failure;

	private long received;

	private SocketTraffic(Duration pause) {
		this.pause = pause.toNanos();
	}

	/**
	 * Starts without sessions.
	 * @param pause the pause between two messages of each end
	 */
	static SocketTraffic start(Duration pause) {
		SocketTraffic traffic = new SocketTraffic(pause);
		traffic.thread.setDaemon(true);
		traffic.thread.start();
		return traffic;
	}

	/** A pace for tests, in messages per second. */
	static Duration pace(int perSecond) {
		return Duration.ofNanos(TimeUnit.SECONDS.toNanos(1) / perSecond);
	}

	/** Where a gateway finds the upstreams. */
	URI uri() {
		return this.crowd.uri();
	}

	/** Opens a session, and returns how long that took. For one thread. */
	Duration open(int gatewayPort, String user) {
		long start = System.nanoTime();
		Peer client = this.crowd.open(gatewayPort, "/chat", Side.CLIENT, "X-User: " + user);
		Duration time = Duration.ofNanos(System.nanoTime() - start);
		List<Peer> peers = this.crowd.peers();
		Peer upstream = peers.get(peers.size() - 1);
		synchronized (this) {
			this.flows.add(new Flow(client, upstream));
			this.flows.add(new Flow(upstream, client));
		}
		return time;
	}

	private void run() {
		try {
			while (!this.stopped) {
				proceed();
				LockSupport.parkNanos(this.pause);
			}
		}
		catch (RuntimeException | AssertionError ex) {
			this.failure = ex;
		}
	}

	private synchronized void proceed() {
		for (Flow flow : this.flows) {
			if (!this.paused) {
				flow.send();
			}
			this.received += flow.receive();
		}
	}

	/** The greatest delay since the last call, of messages under way, too. */
	synchronized Duration takeMaxDelay() {
		long max = 0;
		for (Flow flow : this.flows) {
			max = Math.max(max, flow.takeMaxDelay());
		}
		return Duration.ofNanos(max);
	}

	synchronized long received() {
		return this.received;
	}

	/** Waits until further messages have gone through all sessions. */
	void awaitMessages(int number) {
		long until;
		synchronized (this) {
			until = this.received + (long) number * this.flows.size();
		}
		await().atMost(Duration.ofMinutes(5)).until(() -> {
			assertThat(this.failure).isNull();
			return received() >= until;
		});
	}

	/** Stops sending, and waits until all that has been sent has arrived. */
	void awaitArrival() {
		this.paused = true;
		await().until(() -> {
			assertThat(this.failure).isNull();
			synchronized (this) {
				return this.flows.stream().allMatch((flow) -> flow.sentAt.isEmpty());
			}
		});
		this.paused = false;
	}

	@Override
	public void close() {
		this.stopped = true;
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.crowd.close();
	}

	/**
	 * The messages in one direction of a session.
	 */
	private static final class Flow {

		private final Peer from;

		private final Peer to;

		/** When those were sent that have not arrived. */
		private final Deque<Long> sentAt = new ArrayDeque<>();

		private long sent;

		private long arrived;

		private long maxDelay;

		Flow(Peer from, Peer to) {
			this.from = from;
			this.to = to;
		}

		void send() {
			this.sentAt.add(System.nanoTime());
			this.from.send(WireFrame.text(Long.toString(this.sent++)));
		}

		int receive() {
			int count = 0;
			for (WireFrame frame = this.to.poll(); frame != null; frame = this.to.poll()) {
				assertThat(frame.opcode()).as(frame.toString()).isEqualTo(WireFrame.TEXT);
				assertThat(new String(frame.payload(), StandardCharsets.UTF_8)).isEqualTo(Long.toString(this.arrived));
				this.arrived++;
				this.maxDelay = Math.max(this.maxDelay, System.nanoTime() - this.sentAt.remove());
				count++;
			}
			assertThat(this.to.hasEnded()).as("the session has ended").isFalse();
			return count;
		}

		long takeMaxDelay() {
			Long oldest = this.sentAt.peek();
			long max = Math.max(this.maxDelay, (oldest != null) ? System.nanoTime() - oldest : 0);
			this.maxDelay = 0;
			return max;
		}

	}

}
