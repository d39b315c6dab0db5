package dev.wspolicy.actuate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonParserFactory;

import dev.wspolicy.gateway.TestGateway;
import dev.wspolicy.session.FrameTap;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.TappedFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Watches a tap over HTTP, as an operator does.
 */
final class TapWatcher implements AutoCloseable {

	private static final Event COMPLETED = new Event("completed", Map.of());

	private static final Event STARTED = new Event("comment", Map.of("text", "tapping"));

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	private final Socket socket;

	private TapWatcher(TestGateway gateway, String query, @Nullable String user) {
		try {
			this.socket = new Socket("localhost", gateway.port());
			this.socket.setSoTimeout(30_000);
			String request = "GET /actuator/websockettap" + query + " HTTP/1.1\r\nHost: localhost\r\n"
					+ "Accept: text/event-stream\r\n" + ((user != null) ? "X-User: " + user + "\r\n" : "") + "\r\n";
			this.socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
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

	/** Each event comes in a chunk of its own; the sizes of the chunks are read over. */
	private void read(BufferedReader lines) {
		try {
			String name = "";
			for (String line = lines.readLine(); line != null && !line.equals("0"); line = lines.readLine()) {
				if (line.startsWith(":")) {
					this.events.add(new Event("comment", Map.of("text", line.substring(1))));
				}
				else if (line.startsWith("event:")) {
					name = line.substring("event:".length());
				}
				else if (line.startsWith("data:")) {
					this.events.add(new Event(name,
							JsonParserFactory.getJsonParser().parseMap(line.substring("data:".length()))));
				}
			}
		}
		catch (IOException ex) {
			// This end has been closed.
		}
		this.events.add(COMPLETED);
	}

	/** Watch, and wait until the tap is on. */
	static TapWatcher watch(TestGateway gateway, String query, @Nullable String user) {
		TapWatcher watcher = new TapWatcher(gateway, query, user);
		assertThat(watcher.nextEvent()).isEqualTo(STARTED);
		gateway.sessions().stream().forEach(Turn::await);
		return watcher;
	}

	/** The next event, whatever it is. */
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

	/** The data of the next event, which must have this name. */
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

	/** The tap ends, and so does the answer. */
	void expectEnd(String reason) {
		assertThat(next("end")).isEqualTo(Map.of("reason", reason));
		assertThat(nextEvent()).isEqualTo(COMPLETED);
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Tells when a session's event loop has come so far: what it is given is done in
	 * order, and a tap that is put on is compared with those that are on already.
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
	 * An event.
	 *
	 * @param name its name
	 * @param data its data
	 */
	record Event(String name, Map<String, Object> data) {

	}

}
