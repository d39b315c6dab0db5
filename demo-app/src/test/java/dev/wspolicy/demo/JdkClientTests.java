package dev.wspolicy.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives the demo with the WebSocket client of the JDK.
 */
@DemoTest
class JdkClientTests {

	private final HttpClient http = HttpClient.newHttpClient();

	private final List<Client> clients = new ArrayList<>();

	@LocalServerPort
	private int port;

	@AfterEach
	void leave() {
		this.clients.forEach((client) -> client.socket.abort());
	}

	@Test
	void echoesTextUntouchedByThePoliciesOfTheChat() {
		Client client = connect("/echo");
		client.say("my card is 4111 1111 1111 1111, you twit");
		assertThat(client.next()).isEqualTo(new Text("my card is 4111 1111 1111 1111, you twit", true));
	}

	@Test
	void echoesBinary() {
		Client client = connect("/echo");
		byte[] bytes = { 0, 1, -1, 127, -128 };
		await(client.socket.sendBinary(ByteBuffer.wrap(bytes), true));
		assertThat(client.next()).isEqualTo(new Binary(ByteBuffer.wrap(bytes), true));
	}

	@Test
	void echoesFragmentsAsFragments() {
		Client client = connect("/echo");
		await(client.socket.sendText("one, ", false));
		await(client.socket.sendText("two, ", false));
		await(client.socket.sendText("three", true));
		assertThat(client.next()).isEqualTo(new Text("one, ", false));
		assertThat(client.next()).isEqualTo(new Text("two, ", false));
		assertThat(client.next()).isEqualTo(new Text("three", true));
	}

	@Test
	void relaysPingsAndTheirPongs() {
		Client client = connect("/echo");
		await(client.socket.sendPing(StandardCharsets.UTF_8.encode("anyone there?")));
		assertThat(client.next()).isEqualTo(new Pong(StandardCharsets.UTF_8.encode("anyone there?")));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			my card is 4111 1111 1111 1111 | my card is •••• •••• •••• 1111
			4111-1111-1111-1111, or so     | •••• •••• •••• 1111, or so
			378282246310005 5555555555554444 | •••• •••• •••• 0005 •••• •••• •••• 4444
			4111 1111 1111 1112            | 4111 1111 1111 1112
			00004111111111111111           | 00004111111111111111
			call 0123 456 789              | call 0123 456 789
			""")
	void masksCardNumbers(String said, String heard) {
		Client ann = join("ann");
		ann.say(said);
		assertThat(ann.nextSaid()).isEqualTo("[to ann] ann: " + heard);
	}

	@Test
	void masksCardNumbersThatSpanFragments() {
		Client ann = join("ann");
		await(ann.socket.sendText("my card is 4111 11", false));
		await(ann.socket.sendText("11 1111 1111", true));
		assertThat(ann.nextSaid()).isEqualTo("[to ann] ann: my card is •••• •••• •••• 1111");
	}

	@ParameterizedTest
	@ValueSource(strings = { "twit", "you are a nincompoop", "DUNCE!", "(blockhead)" })
	void dropsRudeWords(String rude) {
		Client ann = join("ann");
		ann.say(rude);
		ann.say("the twitter of birds");
		assertThat(ann.nextSaid()).isEqualTo("[to ann] ann: the twitter of birds");
	}

	@Test
	void stampsEachMessageWithThePrincipalOfItsReader() {
		Client ann = join("ann");
		Client bob = join("bob");
		bob.say("hello");
		assertThat(ann.nextSaid()).isEqualTo("[to ann] bob: hello");
		assertThat(bob.nextSaid()).isEqualTo("[to bob] bob: hello");
	}

	@Test
	void treatsUnauthenticatedUsersAsGuests() {
		Client stranger = connect("/chat");
		stranger.awaitText("[to guest] * guest joined");
	}

	@Test
	void relaysTheCloseOfTheClient() {
		Client ann = join("ann");
		Client bob = join("bob");
		await(bob.socket.sendClose(4001, "gone home"));
		assertThat(bob.nextClose()).isEqualTo(new Close(4001, "gone home"));
		ann.awaitText("[to ann] * bob left with 4001 gone home");
	}

	@Test
	void relaysTheCloseOfTheUpstream() {
		Client ann = join("ann");
		ann.say("/close 4001 see you");
		assertThat(ann.nextClose()).isEqualTo(new Close(4001, "see you"));
	}

	@Test
	void notifiesTheUpstreamOfALostClient() {
		Client ann = join("ann");
		Client bob = join("bob");
		bob.socket.abort();
		ann.awaitText("[to ann] * bob left with 1001");
	}

	private Client join(String name) {
		Client client = connect("/chat?user=" + name);
		client.awaitText("[to " + name + "] * " + name + " joined");
		return client;
	}

	private Client connect(String path) {
		BlockingQueue<Event> events = new LinkedBlockingQueue<>();
		URI uri = URI.create("ws://localhost:" + this.port + path);
		Client client = new Client(await(this.http.newWebSocketBuilder().buildAsync(uri, new Recorder(events))),
				events);
		this.clients.add(client);
		return client;
	}

	private static <T> T await(CompletableFuture<T> future) {
		return future.orTimeout(30, TimeUnit.SECONDS).join();
	}

	private sealed interface Event permits Text, Binary, Pong, Close, Failure {

	}

	private record Text(String text, boolean last) implements Event {

	}

	private record Binary(ByteBuffer data, boolean last) implements Event {

	}

	private record Pong(ByteBuffer data) implements Event {

	}

	private record Close(int code, String reason) implements Event {

	}

	private record Failure(Throwable error) implements Event {

	}

	private record Client(WebSocket socket, BlockingQueue<Event> events) {

		void say(String text) {
			await(this.socket.sendText(text, true));
		}

		Event next() {
			try {
				Event event = this.events.poll(30, TimeUnit.SECONDS);
				assertThat(event).as("an event within thirty seconds").isNotNull();
				return event;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		/**
		 * Returns the next message, skipping those about members who join and leave.
		 */
		String nextSaid() {
			String text = nextText();
			while (text.matches("\\[to [^]]*] \\* .*")) {
				text = nextText();
			}
			return text;
		}

		void awaitText(String expected) {
			String text = nextText();
			while (!text.equals(expected)) {
				text = nextText();
			}
		}

		/**
		 * Returns the next close, skipping messages about members who join and leave.
		 */
		Event nextClose() {
			Event event = next();
			while (event instanceof Text) {
				event = next();
			}
			return event;
		}

		private String nextText() {
			Event event = next();
			assertThat(event).isInstanceOf(Text.class);
			return ((Text) event).text();
		}

	}

	private record Recorder(BlockingQueue<Event> events) implements WebSocket.Listener {

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			return record(socket, new Text(data.toString(), last));
		}

		@Override
		public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
			return record(socket, new Binary(copy(data), last));
		}

		@Override
		public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
			return record(socket, new Pong(copy(data)));
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
			return record(socket, new Close(code, reason));
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			this.events.add(new Failure(error));
		}

		private CompletionStage<?> record(WebSocket socket, Event event) {
			this.events.add(event);
			socket.request(1);
			return CompletableFuture.completedStage(event);
		}

		private static ByteBuffer copy(ByteBuffer data) {
			return ByteBuffer.allocate(data.remaining()).put(data).flip();
		}

	}

}
