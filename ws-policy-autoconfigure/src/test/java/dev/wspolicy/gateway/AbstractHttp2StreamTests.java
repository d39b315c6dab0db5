package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.extension.RegisterExtension;

import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.awaitility.Awaitility.await;

/**
 * A gateway for each test whose clients use streams of HTTP/2.
 */
abstract class AbstractHttp2StreamTests {

	/** The sockets hold no more, so that a peer that does not read is felt soon. */
	private static final int BUFFER = 32 * 1024;

	static final byte[] MESSAGE = WireFrame.binary(new byte[60_000]).masked().encode();

	@RegisterExtension
	final GatewayExtension gateway;

	AbstractHttp2StreamTests(String closeTimeout) {
		this.gateway = GatewayExtension.with(WatchedTransport.class);
		this.gateway.upstream().receiveBuffer(BUFFER);
		this.gateway.http2()
			.set("test.socket-buffer", BUFFER)
			.pipeline("session.close-timeout", closeTimeout)
			.pipeline("session.handshake-timeout", "5m")
			.pipeline("session.slow-consumer-timeout", "5m")
			.routes("ws");
	}

	final RawClient client() {
		return this.gateway.client().over(ClientLeg.HTTP_2).path("/ws");
	}

	final long usedBytes() {
		return this.gateway.bean(WatchedTransport.class).usedBytes();
	}

	/** Send more than fits in between while the upstream reads nothing. */
	static CompletableFuture<Void> flood(RawSession session, int messages) {
		byte[][] flood = new byte[messages][];
		Arrays.fill(flood, MESSAGE);
		return session.client().sendAsync(flood);
	}

	/** Wait until the gateway does not read the stream any more. */
	static void awaitStall(RawSession session) {
		long[] before = { -1 };
		await().pollInterval(Duration.ofMillis(20)).until(() -> {
			long sent = session.client().sentBytes();
			boolean same = sent == before[0] && sent > 0;
			before[0] = sent;
			return same;
		});
	}

}
