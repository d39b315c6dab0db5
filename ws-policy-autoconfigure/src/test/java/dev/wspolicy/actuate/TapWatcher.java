package dev.wspolicy.actuate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonParserFactory;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Watches a tap over HTTP as an operator would.
 */
final class TapWatcher implements AutoCloseable {

	private static final Event COMPLETED = new Event("completed", Map.of());

	private static final Event STARTED = new Event("comment", Map.of("text", "tapping"));

	private static final String STILL_TAPPING = ":still tapping";

	/** The events that are not about frames. */
	private static final Set<String> SESSIONS = Set.of("recording", "open", "close");

	private final BlockingQueue<Event> events = new LinkedTransferQueue<>();

	/** The data of all events. */
	private final Queue<String> recording = new ConcurrentLinkedQueue<>();

	private final Socket socket;

	private TapWatcher(TestGateway gateway, String query, @Nullable String user) {
		this.socket = request(gateway, query, user);
		try {
			BufferedReader lines = new BufferedReader(
					new InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8));
			assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");
			Thread reader = new Thread(() -> read(lines), "tap-watcher");
			reader.setDaemon(true);
			reader.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Request a tap, and return the connection on which the response comes. */
	private static Socket request(TestGateway gateway, String query, @Nullable String user) {
		try {
			Socket socket = new Socket();
			// Fills up soon if nobody reads.
			socket.setReceiveBufferSize(16 * 1024);
			socket.connect(new InetSocketAddress("localhost", gateway.port()));
			socket.setSoTimeout(30_000);
			String request = "GET /actuator/websockettap" + query + " HTTP/1.1\r\nHost: localhost\r\n"
					+ "Accept: text/event-stream\r\n" + ((user != null) ? "X-User: " + user + "\r\n" : "") + "\r\n";
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			return socket;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Each event is sent in a chunk of its own. The sizes of the chunks are skipped, and
	 * what is sent every ten seconds.
	 */
	private void read(BufferedReader lines) {
		try {
			String name = "";
			for (String line = lines.readLine(); line != null && !line.equals("0"); line = lines.readLine()) {
				if (line.equals(STILL_TAPPING)) {
					continue;
				}
				if (line.startsWith(":")) {
					this.events.add(new Event("comment", Map.of("text", line.substring(1))));
				}
				else if (line.startsWith("event:")) {
					name = line.substring("event:".length());
				}
				else if (line.startsWith("data:")) {
					String data = line.substring("data:".length());
					this.recording.add(data);
					if (!SESSIONS.contains(name)) {
						this.events.add(new Event(name, JsonParserFactory.getJsonParser().parseMap(data)));
					}
				}
			}
		}
		catch (IOException ex) {
			// The test has closed the connection.
		}
		this.events.add(COMPLETED);
	}

	/** Request a tap, and wait until it has started. */
	static TapWatcher watch(TestGateway gateway, String query, @Nullable String user) {
		TapWatcher watcher = new TapWatcher(gateway, query, user);
		assertThat(watcher.nextEvent()).isEqualTo(STARTED);
		awaitAttached(gateway);
		return watcher;
	}

	/** Request a tap, wait until it has started, and read no further. */
	static Socket doNotRead(TestGateway gateway, String query) {
		Socket socket = request(gateway, query, null);
		StringBuilder read = new StringBuilder();
		try {
			while (!read.toString().endsWith(":tapping\n")) {
				int next = socket.getInputStream().read();
				assertThat(next).as("after %s", read).isNotEqualTo(-1);
				read.append((char) next);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		awaitAttached(gateway);
		return socket;
	}

	private static void awaitAttached(TestGateway gateway) {
		gateway.sessions().stream().forEach(Turn::await);
	}

	/** Request taps at the same time, and return the status of each. */
	static List<Integer> statuses(TestGateway gateway, String query, int count) {
		List<Socket> sockets = new ArrayList<>();
		try {
			for (int i = 0; i < count; i++) {
				sockets.add(request(gateway, query, null));
			}
			List<Integer> statuses = new ArrayList<>();
			for (Socket socket : sockets) {
				byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
				statuses
					.add(Integer.valueOf(new String(line, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length())));
			}
			return statuses;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			sockets.forEach(TapWatcher::disconnect);
		}
	}

	/** Return the next event, whatever its type. */
	Event nextEvent() {
		try {
			Event event = this.events.poll(20, TimeUnit.SECONDS);
			assertThat(event).as("event").isNotNull();
			return Objects.requireNonNull(event);
		}
		catch (InterruptedException ex) {
			throw new AssertionError("interrupted", ex);
		}
	}

	/** Return the data of the next event, which must have the given name. */
	Map<String, Object> next(String name) {
		Event event = nextEvent();
		assertThat(event.name()).as(event.toString()).isEqualTo(name);
		return event.data();
	}

	Map<String, Object> frame() {
		return next("frame");
	}

	List<Map<String, Object>> frames(int count) {
		List<Map<String, Object>> frames = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			frames.add(frame());
		}
		return frames;
	}

	/** Expect the end of the tap and of the response. */
	void expectEnd(String reason) {
		assertThat(next("end")).isEqualTo(Map.of("record", "end", "reason", reason));
		assertThat(nextEvent()).isEqualTo(COMPLETED);
	}

	/** Return the data of all events so far, one per line. */
	List<String> recording() {
		return List.copyOf(this.recording);
	}

	@Override
	public void close() {
		disconnect(this.socket);
	}

	private static void disconnect(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Waits until the event loop of a session has processed all earlier tasks. Tasks run
	 * in order, and a tap that is attached is compared with those that are attached
	 * already.
	 */
	private static final class Turn implements FrameTap {

		private final CountDownLatch reached = new CountDownLatch(1);

		static void await(ProxiedSession session) {
			Turn first = new Turn();
			Turn second = new Turn();
			session.tap(first);
			session.tap(second);
			try {
				assertThat(second.reached.await(20, TimeUnit.SECONDS)).as("reached").isTrue();
			}
			catch (InterruptedException ex) {
				throw new AssertionError("interrupted", ex);
			}
			session.untap(first);
			session.untap(second);
		}

		@Override
		public boolean wantsNext() {
			return false;
		}

		@Override
		public int payloadLimit() {
			return 0;
		}

		@Override
		public void onFrame(ProxiedSession session, TappedFrame frame) {
			throw new AssertionError("not wanted: " + frame);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			this.reached.countDown();
			return this == other;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this);
		}

	}

	/**
	 * A server-sent event.
	 *
	 * @param name the name of the event
	 * @param data the data of the event
	 */
	record Event(String name, Map<String, Object> data) {

	}

}
