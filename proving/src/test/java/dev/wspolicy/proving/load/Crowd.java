package dev.wspolicy.proving.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Clients that behave. Each sends a short text about once in a period, and measures how
 * long it takes to come back. One thread serves all of them.
 */
final class Crowd implements AutoCloseable {

	private static final int TEXT = 16;

	private final Selector selector;

	private final List<Client> clients = new ArrayList<>();

	private final ByteBuffer bytes = ByteBuffer.allocateDirect(4096);

	private final Random random = new Random(1);

	private Crowd() throws IOException {
		this.selector = Selector.open();
	}

	/** Opens sessions. */
	static Crowd open(int port, int number) throws IOException {
		Crowd crowd = new Crowd();
		for (int i = 0; i < number; i++) {
			SocketChannel channel = handshake(port, "/good", "");
			channel.configureBlocking(false);
			Client client = new Client(channel);
			channel.register(crowd.selector, SelectionKey.OP_READ, client);
			crowd.clients.add(client);
		}
		return crowd;
	}

	/** Opens a session, and leaves the channel blocking. */
	static SocketChannel handshake(int port, String path, String headers) throws IOException {
		SocketChannel channel = SocketChannel.open();
		try {
			channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
			channel.socket().setTcpNoDelay(true);
			channel.write(StandardCharsets.ISO_8859_1
				.encode("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
						+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers
						+ "\r\n"));
			StringBuilder head = new StringBuilder();
			ByteBuffer one = ByteBuffer.allocate(1);
			while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
				one.clear();
				if (channel.read(one) < 0) {
					throw new IOException("refused: " + head);
				}
				head.append((char) one.get(0));
			}
			if (!head.toString().startsWith("HTTP/1.1 101 ")) {
				throw new IOException("refused: " + head);
			}
			return channel;
		}
		catch (IOException ex) {
			channel.close();
			throw ex;
		}
	}

	/**
	 * Lets the clients talk for a while.
	 * @param nanos for how long
	 * @param period the time between two texts of a client in nanoseconds
	 * @return how long each text took, in ascending order
	 */
	Latencies talk(long nanos, long period) throws IOException {
		long begin = System.nanoTime();
		long end = begin + nanos;
		for (Client client : this.clients) {
			if (client.sentAt == 0) {
				client.next = begin + (long) (this.random.nextDouble() * period);
			}
		}
		List<Long> times = new ArrayList<>();
		int from = 0;
		while (System.nanoTime() < end) {
			this.selector.select((key) -> read(key, times), 1);
			long now = System.nanoTime();
			// A part of the clients each time, so that reading is not held up.
			for (int i = 0; i < this.clients.size(); i++) {
				Client client = this.clients.get(from++ % this.clients.size());
				if (client.sentAt == 0 && now - client.next >= 0) {
					send(client, period);
				}
			}
		}
		long late = this.clients.stream().filter((client) -> client.sentAt != 0).count();
		return Latencies.of(times, late);
	}

	private void send(Client client, long period) throws IOException {
		client.text.clear();
		// Without making up for what was late.
		client.next = Math.max(client.next + period, System.nanoTime());
		client.sentAt = System.nanoTime();
		client.channel.write(client.text);
	}

	private void read(SelectionKey key, List<Long> times) {
		Client client = (Client) key.attachment();
		this.bytes.clear();
		try {
			int count = client.channel.read(this.bytes);
			if (count < 0) {
				throw new AssertionError("A session of a client that behaves has ended");
			}
			client.received += count;
			if (client.received >= TEXT + 2) {
				client.received -= TEXT + 2;
				times.add(System.nanoTime() - client.sentAt);
				client.sentAt = 0;
			}
		}
		catch (IOException ex) {
			throw new AssertionError("A session of a client that behaves has ended", ex);
		}
	}

	@Override
	public void close() throws IOException {
		for (Client client : this.clients) {
			client.channel.close();
		}
		this.selector.close();
	}

	/**
	 * A client that behaves.
	 */
	private static final class Client {

		private final SocketChannel channel;

		private final ByteBuffer text = ByteBuffer.allocate(TEXT + 6);

		private long next;

		/** Zero unless an answer is awaited. */
		private long sentAt;

		private int received;

		Client(SocketChannel channel) {
			this.channel = channel;
			// A key of zeros leaves the payload as it is.
			this.text.put((byte) 0x81).put((byte) (0x80 | TEXT)).putInt(0).put(new byte[TEXT]);
			Arrays.fill(this.text.array(), 6, TEXT + 6, (byte) 'x');
		}

	}

	/**
	 * How long texts took.
	 *
	 * @param sorted the times in nanoseconds, in ascending order
	 * @param late the number of texts that have not come back yet
	 */
	record Latencies(long[] sorted, long late) {

		static Latencies of(List<Long> times, long late) {
			return new Latencies(times.stream().mapToLong(Long::longValue).sorted().toArray(), late);
		}

		/** Returns these and those that were measured later. */
		Latencies and(Latencies later) {
			long[] all = LongStream.concat(Arrays.stream(this.sorted), Arrays.stream(later.sorted)).sorted().toArray();
			return new Latencies(all, later.late);
		}

		/** Returns the time that 99 of 100 texts took at most, in milliseconds. */
		double p99() {
			int all = this.sorted.length;
			return (all > 0) ? this.sorted[Math.min(all - 1, (int) Math.ceil(all * 0.99) - 1)] / 1e6 : Double.NaN;
		}

		double median() {
			return (this.sorted.length > 0) ? this.sorted[this.sorted.length / 2] / 1e6 : Double.NaN;
		}

		@Override
		public String toString() {
			return String.format("%d texts, median %.2f ms, p99 %.2f ms, %d under way", this.sorted.length, median(),
					p99(), this.late);
		}

	}

}
