package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import dev.wspolicy.benchmarks.load.LoadCommand.Kind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reconnect storm against a server that refuses some of the clients.
 */
class StormRunTests {

	private static final int SESSIONS = 20;

	private static final int REFUSED = 7;

	@Test
	void clientsReturnUntilAllAreBack() throws Exception {
		AtomicInteger requests = new AtomicInteger();
		try (ServerSocket server = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"))) {
			Thread thread = new Thread(() -> serve(server, requests));
			thread.start();
			LoadCommand command = LoadCommand.of(Kind.STORM, server.getLocalPort()).with(64, SESSIONS, 1);
			LoadResult result = new StormRun(command, new SocketLoop()).run();
			assertThat(result.failure()).isNull();
			assertThat(result.messages()).isEqualTo(SESSIONS);
			assertThat(result.refused()).isEqualTo(REFUSED);
			assertThat(result.p50()).isPositive().isLessThanOrEqualTo(result.nanos());
			assertThat(requests).hasValue(2 * SESSIONS + REFUSED);
		}
	}

	/** Refuses the first clients that return. */
	private static void serve(ServerSocket server, AtomicInteger requests) {
		while (!server.isClosed()) {
			try {
				Socket client = server.accept();
				new Thread(() -> answer(client, requests)).start();
			}
			catch (IOException ex) {
				return;
			}
		}
	}

	private static void answer(Socket client, AtomicInteger requests) {
		try (client) {
			InputStream input = client.getInputStream();
			StringBuilder head = new StringBuilder();
			while (head.indexOf("\r\n\r\n") < 0) {
				int next = input.read();
				if (next < 0) {
					return;
				}
				head.append((char) next);
			}
			int number = requests.incrementAndGet();
			boolean refused = number > SESSIONS && number <= SESSIONS + REFUSED;
			String answer = refused ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
					: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
			OutputStream output = client.getOutputStream();
			output.write(answer.getBytes(StandardCharsets.US_ASCII));
			while (!refused && input.read() >= 0) {
				// Until the client is gone
			}
		}
		catch (IOException ex) {
			// The client has dropped the session
		}
	}

}
