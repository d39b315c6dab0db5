package dev.wspolicy.proving.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import dev.wspolicy.proving.Seed;

/**
 * Sessions that come and go, with numbered frames both ways and each kind of end, for
 * tests that do something else with them meanwhile.
 */
public final class SequenceTraffic implements AutoCloseable {

	private final SequenceServer server;

	private final Seed seed;

	private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

	private final AtomicLong ids = new AtomicLong();

	private final AtomicLong frames = new AtomicLong();

	public SequenceTraffic(Seed seed) throws IOException {
		this.seed = seed;
		this.server = new SequenceServer(null);
	}

	/** Returns where a gateway finds the upstreams. */
	public URI uri() {
		return URI.create("ws://localhost:" + this.server.port());
	}

	/**
	 * Lets sessions come and go for a while, and waits until all have ended.
	 * @param port the port of the gateway
	 * @param routes the routes of the sessions
	 * @param threads how many sessions there are at a time
	 * @param nanos for how long sessions are opened
	 */
	public void run(int port, List<String> routes, int threads, long nanos) throws InterruptedException {
		long end = System.nanoTime() + nanos;
		List<Thread> all = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			Random random = this.seed.trial(this.ids.get() * 100 + i);
			Thread thread = new Thread(() -> {
				while (System.nanoTime() < end && this.wrong.isEmpty()) {
					talk(random, port, routes.get(random.nextInt(routes.size())));
				}
			}, "traffic");
			thread.start();
			all.add(thread);
		}
		for (Thread thread : all) {
			thread.join();
		}
	}

	private void talk(Random random, int port, String route) {
		Talk.Fate fate = Talk.Fate.values()[Math.max(0, random.nextInt(8) - 5)];
		Talk talk = new Talk(this.ids.incrementAndGet(), fate, Way.PLAIN, 1 + random.nextInt(2_000));
		this.server.announce(talk);
		try {
			SequencePeer client = SequencePeer.connect(new Socket(InetAddress.getLoopbackAddress(), port),
					"/" + route + "/" + talk.id(), talk);
			if (client != null) {
				talk.run(client);
				this.frames.addAndGet(talk.frames(client));
			}
		}
		catch (IOException ex) {
			// The gateway has begun to drain in between.
		}
		catch (Throwable ex) {
			this.wrong.add(new AssertionError(route + ", " + talk, ex));
		}
		finally {
			this.server.forget(talk);
		}
	}

	/** Resets all connections of the upstreams. */
	public void restartUpstreams() throws IOException {
		this.server.restart();
	}

	/** Says that the sessions that are open are about to be drained. */
	public void drain() {
		this.server.expectDrain();
	}

	/** Returns what went wrong. */
	public List<Throwable> wrong() {
		return List.copyOf(this.wrong);
	}

	public long sessions() {
		return this.ids.get();
	}

	public long frames() {
		return this.frames.get();
	}

	@Override
	public void close() throws IOException {
		this.server.close();
	}

}
