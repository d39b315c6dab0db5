package dev.wspolicy.proving.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.testkit.WireFrame;

/**
 * One end of a session, which sends a {@link FrameSequence} as fast as it can, and
 * compares another one with what it receives.
 */
final class SequencePeer {

	private static final int BATCH = 32 * 1024;

	private static final int MOST_CLOSE = 160;

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private static final Pattern FIELD = Pattern.compile("(?im)^sec-websocket-extensions: *(.*)$");

	private static final String DEFLATE = "permessage-deflate";

	private static final String NO_TAKEOVER = "server_no_context_takeover";

	private final Socket socket;

	private final InputStream input;

	private final boolean client;

	/** Whether it closes at the end of a message only. */
	private final boolean wholeMessages;

	private final FrameWriter writer;

	private final SequenceReader reader;

	private final byte[] batch = new byte[BATCH + FrameSequence.LONGEST + MOST_CLOSE];

	private volatile long sent;

	/**
	 * Whether writing has failed. The operating system reports a reset once: if a write
	 * has got it, reading ends as if the connection had ended in order.
	 */
	private volatile boolean writeFailed;

	/** Whether this peer has ended the connection on purpose. */
	private volatile boolean dead;

	private SequencePeer(Socket socket, InputStream input, boolean client, Talk talk, String agreed) {
		this.socket = socket;
		this.input = input;
		this.client = client;
		this.wholeMessages = talk.way().wholeMessages();
		this.writer = talk.way().writer(client, agreed);
		this.reader = new SequenceReader(input, !client, talk.way().comparison(!client));
	}

	/**
	 * Opens a session, or returns {@code null} if it is refused with 502 or 503.
	 * @param socket a connection, or a stream of one
	 * @param path the path of the request
	 * @param talk the session
	 */
	static @Nullable SequencePeer connect(Socket socket, String path, Talk talk) throws IOException {
		socket.setTcpNoDelay(true);
		InputStream input = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
		String offer = talk.way().clientDeflates() ? EXTENSIONS + ": " + DEFLATE + "\r\n" : "";
		socket.getOutputStream()
			.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
					+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + offer + "\r\n")
				.getBytes(StandardCharsets.ISO_8859_1));
		String head = readHead(input);
		if (head.startsWith("HTTP/1.1 101 ")) {
			return new SequencePeer(socket, input, true, talk, extensions(head));
		}
		socket.close();
		if (!head.startsWith("HTTP/1.1 502 ") && !head.startsWith("HTTP/1.1 503 ")) {
			throw new AssertionError("Expected 101, 502 or 503: " + head);
		}
		return null;
	}

	/**
	 * Accepts a session as its upstream.
	 * @param socket the connection
	 * @param input its input, behind the request
	 * @param request the head of the request
	 * @param accept the value of {@code Sec-WebSocket-Accept}
	 * @param talk the session
	 */
	static SequencePeer accept(Socket socket, InputStream input, String request, String accept, Talk talk)
			throws IOException {
		String agreed = talk.way().upstreamDeflates() ? extensions(request) : "";
		String extension = "";
		if (!agreed.isEmpty()) {
			// What the gateway has asked for is agreed to by repeating it.
			agreed = agreed.contains(NO_TAKEOVER) ? DEFLATE + "; " + NO_TAKEOVER : DEFLATE;
			extension = EXTENSIONS + ": " + agreed + "\r\n";
		}
		SequencePeer peer = new SequencePeer(socket, input, false, talk, agreed);
		socket.getOutputStream()
			.write(("HTTP/1.1 101 Go ahead\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
					+ accept + "\r\n" + extension + "\r\n")
				.getBytes(StandardCharsets.ISO_8859_1));
		return peer;
	}

	/** Returns the extensions in a head, or an empty text. */
	private static String extensions(String head) {
		Matcher field = FIELD.matcher(head);
		return field.find() ? field.group(1) : "";
	}

	static String readHead(InputStream input) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
			int next = input.read();
			if (next < 0) {
				throw new IOException("The connection ended after '" + head + "'");
			}
			head.append((char) next);
		}
		return head.toString();
	}

	/**
	 * Sends and compares until the session is over.
	 * @param most how many frames to send before this peer closes, or dies
	 * @param dies whether it resets the connection then
	 */
	void run(long most, boolean dies, Random random) throws InterruptedException {
		Throwable[] wrong = new Throwable[1];
		Thread reading = new Thread(() -> {
			try {
				this.reader.readToEnd();
			}
			catch (Throwable ex) {
				wrong[0] = ex;
				reset();
			}
		}, "sequence-reader");
		reading.start();
		try {
			write(most, dies, random);
		}
		catch (IOException ex) {
			// The reader knows whether that was to be expected.
			this.writeFailed = true;
		}
		reading.join(120_000);
		if (reading.isAlive()) {
			reset();
			throw new AssertionError("The session does not end: " + this);
		}
		drain();
		if (wrong[0] != null) {
			throw new AssertionError(toString(), wrong[0]);
		}
	}

	private void write(long most, boolean dies, Random random) throws IOException {
		OutputStream output = this.socket.getOutputStream();
		while (this.sent < most && this.reader.close() == null && !this.dead) {
			int limit = 1 + random.nextInt(BATCH);
			int length = 0;
			long next = this.sent;
			while (length < limit && next < most) {
				length = this.writer.write(next++, this.batch, length);
			}
			this.sent = next;
			output.write(this.batch, 0, length);
		}
		if (dies) {
			reset();
			return;
		}
		if (this.wholeMessages) {
			completeMessage(output);
		}
		WireFrame received = this.reader.close();
		if (!this.client && received == null) {
			// The client closes.
			return;
		}
		int code = (received != null) ? received.closeCode() : 1000;
		// A fragmented message may be open: a close frame may stand between fragments.
		WireFrame close = WireFrame.close(code, String.valueOf(this.sent));
		output.write((this.client ? close.masked() : close).encode());
		if (!this.client) {
			this.socket.shutdownOutput();
		}
	}

	private void completeMessage(OutputStream output) throws IOException {
		int length = 0;
		long next = this.sent;
		while (!FrameSequence.isBetweenMessages(next)) {
			length = this.writer.write(next++, this.batch, length);
		}
		this.sent = next;
		output.write(this.batch, 0, length);
	}

	/** Waits for the end of the connection behind the close frame. */
	private void drain() {
		try {
			if (!this.client) {
				WireFrame received = this.reader.close();
				if (received != null && !this.socket.isOutputShutdown()) {
					this.socket.getOutputStream()
						.write(WireFrame.close(received.closeCode(), String.valueOf(this.sent)).encode());
					this.socket.shutdownOutput();
				}
			}
			this.socket.setSoTimeout(30_000);
			this.input.transferTo(OutputStream.nullOutputStream());
			if (!this.socket.isOutputShutdown()) {
				// To close a stream of HTTP/2 does not say so.
				this.socket.shutdownOutput();
			}
			this.socket.close();
		}
		catch (IOException ex) {
			reset();
		}
	}

	/** Resets the connection. From any thread. */
	void reset() {
		this.dead = true;
		try {
			this.socket.setSoLinger(true, 0);
		}
		catch (SocketException ex) {
			// It is closed already.
		}
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			// It is closed already.
		}
	}

	/** Whether this peer has reset the connection itself. */
	boolean isDead() {
		return this.dead;
	}

	/** Whether the connection was reset. */
	boolean wasReset() {
		return this.writeFailed || this.reader.failure() != null;
	}

	SequenceReader reader() {
		return this.reader;
	}

	long sent() {
		return this.sent;
	}

	@Override
	public String toString() {
		return (this.client ? "client" : "upstream") + ", sent " + this.sent + ", received " + this.reader.frames()
				+ ", close frame " + this.reader.close() + ", " + this.reader.failure();
	}

}
