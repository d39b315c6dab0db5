package dev.wspolicy.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP or TLS connection in the hands of a test: it writes the bytes it is
 * given, reads when it is told to, and answers nothing by itself.
 * <p>
 * Whatever does not happen within the timeout (20 seconds unless told otherwise) is an
 * {@link AssertionError} that shows what came instead. A peer that is not asked to
 * receive does not read from its socket, beyond 16 KiB. Reading belongs to one thread at
 * a time.
 */
public final class RawPeer implements AutoCloseable {

	/** Outlasts any pause of a busy machine. */
	static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

	/** Where blocking socket work of the test kit runs. */
	static final Executor WORKERS = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "raw-peer");
		thread.setDaemon(true);
		return thread;
	});

	private static final int WRITE_SIZE = 65_536;

	/** The TCP socket, under TLS too. */
	private final Socket transport;

	private final Socket socket;

	private final WireInput input;

	private final OutputStream output;

	private final AtomicLong sentBytes = new AtomicLong();

	/** The last of the writes, which run one after the other. */
	private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

	private Duration timeout = DEFAULT_TIMEOUT;

	private @Nullable RawResponse handshakeResponse;

	/**
	 * Takes over a connected socket.
	 * @param transport the TCP socket
	 * @param socket the TLS socket around it, or the same
	 */
	RawPeer(Socket transport, Socket socket) throws IOException {
		this.transport = transport;
		this.socket = socket;
		transport.setTcpNoDelay(true);
		this.input = new WireInput(socket);
		this.output = socket.getOutputStream();
	}

	/**
	 * Takes over a connected socket.
	 * @param transport the TCP socket
	 * @param socket the TLS socket around it, or the same
	 */
	public static RawPeer of(Socket transport, Socket socket) throws IOException {
		return new RawPeer(transport, socket);
	}

	/**
	 * Sets the timeout of each operation that follows.
	 */
	public RawPeer timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/**
	 * Sends bytes in one write.
	 */
	public void send(byte[] bytes) {
		await(sendAsync(bytes));
	}

	/**
	 * Sends frames exactly as they are, in one write; a client's have to be
	 * {@linkplain WireFrame#masked() masked} to be right.
	 */
	public void send(WireFrame... frames) {
		send(WireFrame.encodeAll(frames));
	}

	/**
	 * Sends each byte in a write of its own.
	 */
	public void sendByteByByte(byte[] bytes) {
		sendInPieces(1, bytes);
	}

	public void sendByteByByte(WireFrame... frames) {
		sendByteByByte(WireFrame.encodeAll(frames));
	}

	/**
	 * Sends bytes in writes of this size.
	 */
	public void sendInPieces(int size, byte[] bytes) {
		List<byte[]> pieces = new ArrayList<>();
		for (int start = 0; start < bytes.length; start += size) {
			pieces.add(Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + size)));
		}
		await(sendAsync(pieces.toArray(byte[][]::new)));
	}

	/**
	 * Sends without waiting for the other end to read; writes keep their order.
	 * @return completes when the last byte is in the socket's buffer, with an
	 * {@link UncheckedIOException} as its cause if the connection breaks before
	 */
	public synchronized CompletableFuture<Void> sendAsync(byte[]... writes) {
		this.sending = this.sending.thenRunAsync(() -> write(writes), WORKERS);
		return this.sending;
	}

	/**
	 * How many bytes the socket has taken so far, in steps of 64 KiB: when it stands
	 * still under {@link #sendAsync}, the other end is not reading.
	 */
	public long sentBytes() {
		return this.sentBytes.get();
	}

	private void write(byte[]... writes) {
		try {
			for (byte[] bytes : writes) {
				for (int start = 0; start < bytes.length; start += WRITE_SIZE) {
					int length = Math.min(WRITE_SIZE, bytes.length - start);
					this.output.write(bytes, start, length);
					this.sentBytes.addAndGet(length);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void await(CompletableFuture<Void> sent) {
		try {
			sent.get(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new AssertionError(
					"Nobody read what was sent: stuck for " + this.timeout + " after " + this.sentBytes + " bytes", ex);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof UncheckedIOException broken) ? broken
					: new IllegalStateException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while sending", ex);
		}
	}

	/**
	 * What comes, for tests that read in a way of their own; all of that counts as one
	 * operation.
	 */
	public InputStream input() {
		this.input.begin(this.timeout);
		return this.input;
	}

	/**
	 * Where to write for tests that decide about each write. Over HTTP/2, each makes a
	 * DATA frame, also of nothing.
	 */
	public OutputStream output() {
		return this.output;
	}

	/**
	 * Receives the next frame, whatever it is.
	 */
	public WireFrame receiveFrame() {
		return receive("a frame", () -> WireFrame.read(this.input));
	}

	public List<WireFrame> receiveFrames(int count) {
		List<WireFrame> frames = new ArrayList<>();
		while (frames.size() < count) {
			frames.add(receiveFrame());
		}
		return frames;
	}

	public byte[] receiveBytes(int count) {
		return receive(count + " bytes", () -> {
			byte[] bytes = this.input.readNBytes(count);
			if (bytes.length < count) {
				throw new EOFException();
			}
			return bytes;
		});
	}

	RawResponse receiveResponse(String method) {
		RawResponse response = receive("an HTTP response", () -> RawResponse.read(this.input, method));
		this.handshakeResponse = response;
		this.input.record(true);
		return response;
	}

	HttpHead receiveRequest() {
		HttpHead head = receive("an HTTP request", () -> HttpHead.read(this.input));
		this.input.record(true);
		return head;
	}

	private <T> T receive(String what, Reading<T> reading) {
		this.input.begin(this.timeout);
		try {
			return reading.read();
		}
		catch (SocketTimeoutException ex) {
			throw unexpected(what + " within " + this.timeout, "", ex);
		}
		catch (EOFException ex) {
			throw unexpected(what, "the end of the stream after ", ex);
		}
		catch (IOException ex) {
			throw unexpected(what, ex + " after ", ex);
		}
	}

	/**
	 * Expects the other end to finish its side of the connection in order, with nothing
	 * before that.
	 */
	public void expectEof() {
		expect("the end of the stream", End.EOF);
	}

	/**
	 * Expects the other end to abort the connection, with nothing before that.
	 */
	public void expectReset() {
		expect("a reset", End.RESET);
	}

	/**
	 * Expects the connection to be over, either way, with nothing before that.
	 */
	public void expectClosed() {
		expect("the end of the stream or a reset", End.EOF, End.RESET);
	}

	/**
	 * Whether the connection is over, either way, or else something comes first, whose
	 * first byte is dropped. Fails if neither happens.
	 */
	public boolean endsNext() {
		End end = awaitEnd(this.timeout);
		if (end == End.NONE) {
			throw unexpected("anything within " + this.timeout, end + " and ", null);
		}
		return end != End.DATA;
	}

	/**
	 * Reads whatever comes, and drops it, up to the end of the connection, be it in order
	 * or a reset.
	 */
	public void drainToEnd() {
		End end = awaitEnd(this.timeout);
		while (end == End.DATA) {
			end = awaitEnd(this.timeout);
		}
		if (end == End.NONE) {
			throw unexpected("the end of the connection within " + this.timeout, end + " and ", null);
		}
	}

	/**
	 * Expects silence on a connection that stays open. This costs its whole time whenever
	 * it succeeds: prefer to provoke an answer that has to come after what must not come.
	 */
	public void expectNothingFor(Duration duration) {
		End end = awaitEnd(duration);
		if (end != End.NONE) {
			throw unexpected("nothing for " + duration, end + " and ", null);
		}
	}

	private void expect(String what, End... expected) {
		End end = awaitEnd(this.timeout);
		if (!List.of(expected).contains(end)) {
			throw unexpected(what + " within " + this.timeout, end + " and ", null);
		}
	}

	/**
	 * Reads up to the end of the connection or the first byte.
	 */
	private End awaitEnd(Duration within) {
		this.input.begin(within);
		try {
			return (this.input.read() != -1) ? End.DATA : End.EOF;
		}
		catch (SocketTimeoutException ex) {
			return End.NONE;
		}
		catch (IOException ex) {
			for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
				if (cause instanceof SocketException) {
					return End.RESET;
				}
			}
			throw new UncheckedIOException(ex);
		}
	}

	private AssertionError unexpected(String expected, String received, @Nullable Exception cause) {
		return new AssertionError("Expected " + expected + ", received " + received + this.input.describe(), cause);
	}

	/**
	 * Every byte that was received since the handshake, as it came.
	 */
	public byte[] receivedBytes() {
		return this.input.recorded();
	}

	/**
	 * Starts the record of received bytes anew, or ends it for good where much will come.
	 */
	public void recordReceived(boolean recording) {
		this.input.record(recording);
	}

	/**
	 * The 101 that made this a WebSocket, on the client's end.
	 */
	public RawResponse handshakeResponse() {
		if (this.handshakeResponse == null) {
			throw new IllegalStateException("This end has received no response");
		}
		return this.handshakeResponse;
	}

	public InetSocketAddress localAddress() {
		return (InetSocketAddress) this.transport.getLocalSocketAddress();
	}

	public InetSocketAddress remoteAddress() {
		return (InetSocketAddress) this.transport.getRemoteSocketAddress();
	}

	/**
	 * Ends the sending side: a FIN, under TLS a close_notify; receiving goes on.
	 */
	public void shutdownOutput() {
		try {
			this.socket.shutdownOutput();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Aborts the connection: the other end gets a RST, under TLS no close_notify.
	 */
	public void reset() {
		try {
			this.transport.setSoLinger(true, 0);
			this.transport.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Ends TLS with a close_notify and leaves TCP open. Over HTTP/2, all streams of the
	 * connection end.
	 */
	public void endTls() {
		if (this.transport instanceof Http2Socket stream) {
			stream.connection().endTls();
		}
		else {
			shutdownOutput();
		}
	}

	/**
	 * Renews the keys of TLS: with a KeyUpdate that the other end has to answer with its
	 * own, or up to TLS 1.2 with another handshake, which this waits for.
	 */
	public void renewKeys() {
		try {
			((SSLSocket) this.socket).startHandshake();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Ends a stream of HTTP/2 as {@link #shutdownOutput()} does, but with trailers.
	 */
	public void sendTrailers() {
		try {
			((Http2Socket) this.transport).sendTrailers();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Closes the TCP connection, over HTTP/2 with all its streams and without a word in
	 * any of them.
	 */
	public void closeConnection() {
		if (this.transport instanceof Http2Socket stream) {
			stream.connection().close();
		}
		else {
			close();
		}
	}

	/**
	 * Aborts the TCP connection, over HTTP/2 with all its streams.
	 */
	public void resetConnection() {
		if (this.transport instanceof Http2Socket stream) {
			stream.connection().reset();
		}
		else {
			reset();
		}
	}

	/**
	 * Closes the connection in order, with a FIN, under TLS a close_notify before it.
	 * What lies unread is read first, since the operating system would send a RST
	 * otherwise. A connection on which a write is stuck is aborted.
	 */
	@Override
	public synchronized void close() {
		if (this.transport.isClosed()) {
			return;
		}
		if (!this.sending.isDone()) {
			reset();
			return;
		}
		try {
			// Not the TLS socket's own close, which waits for the other end's
			// close_notify
			if (!this.socket.isOutputShutdown()) {
				this.socket.shutdownOutput();
			}
			if (!this.transport.isOutputShutdown()) {
				this.transport.shutdownOutput();
			}
			this.transport.getInputStream().skipNBytes(this.transport.getInputStream().available());
			this.transport.close();
		}
		catch (IOException ex) {
			// The other end was faster; nothing is left to be closed in order
			reset();
		}
	}

	@Override
	public String toString() {
		return this.transport.toString();
	}

	private interface Reading<T> {

		T read() throws IOException;

	}

	private enum End {

		NONE("an open connection"), DATA("data"), EOF("the end of the stream"), RESET("a reset");

		private final String description;

		End(String description) {
			this.description = description;
		}

		@Override
		public String toString() {
			return this.description;
		}

	}

}
