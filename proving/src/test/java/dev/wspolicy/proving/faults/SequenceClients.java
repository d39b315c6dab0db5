package dev.wspolicy.proving.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.TestCertificates;

/**
 * Connects clients to a gateway, directly or through a {@code ToxicProxy}. Over HTTP/2
 * they share a connection, apart from those behind the proxy.
 */
final class SequenceClients implements AutoCloseable {

	private final SSLContext tls = TestCertificates.localhost().client();

	private final Transport transport;

	private final int port;

	private final int toxicPort;

	private final @Nullable Http2Connection shared;

	SequenceClients(Transport transport, int port, int toxicPort) {
		this.transport = transport;
		this.port = port;
		this.toxicPort = toxicPort;
		this.shared = (transport == Transport.HTTP_2) ? connection(port) : null;
	}

	private Http2Connection connection(int port) {
		return RawClient.to(port).tls(this.tls).connectHttp2();
	}

	/**
	 * Opens a connection, or a stream of one.
	 * @param toxic whether it goes through the proxy
	 */
	Socket open(boolean toxic) throws IOException {
		int port = toxic ? this.toxicPort : this.port;
		return switch (this.transport) {
			case TCP -> new Socket(InetAddress.getLoopbackAddress(), port);
			case TLS -> this.tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
			case HTTP_2 ->
				(toxic || this.shared == null) ? connection(port).openStream(true) : this.shared.openStream(false);
		};
	}

	/** Whether the connection that clients share, if they do, is still open. */
	boolean isConnected() {
		return this.shared == null || this.shared.isOpen();
	}

	@Override
	public void close() {
		if (this.shared != null) {
			this.shared.close();
		}
	}

	/**
	 * What clients speak, and how many frames are enough for the long run.
	 */
	enum Transport {

		TCP(80_000_000), TLS(20_000_000), HTTP_2(10_000_000);

		private final long frames;

		Transport(long frames) {
			this.frames = frames;
		}

		long frames() {
			return this.frames;
		}

	}

}
