package dev.wspolicy.proving.fuzz;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.proving.site.ProvedGateway;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawUpstream;
import dev.wspolicy.testkit.TestCertificates;
import dev.wspolicy.testkit.UpstreamHandshake;

/**
 * Sessions through a gateway whose clients speak HTTP/1.1 or HTTP/2. All those that speak
 * HTTP/2 share a connection, and pad some of their DATA frames.
 */
final class GatewaySite implements SocketSite {

	private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

	private final boolean tls;

	private final RawUpstream server;

	private final ProvedGateway gateway;

	private final Http2Connection connection;

	GatewaySite(boolean tls) {
		this.tls = tls;
		TestCertificates certificates = TestCertificates.localhost();
		this.server = tls ? RawUpstream.start(certificates.server()) : RawUpstream.start();
		ProvedGateway.Builder builder = ProvedGateway.with(Listeners.class).http2().loops(1);
		this.gateway = (tls ? builder.tls(certificates) : builder).pipeline("default", "limits.inbound-frame", LIMIT)
			.pipeline("default", "limits.outbound-frame", LIMIT)
			.pipeline("default", "limits.inbound-message", "100MB")
			.pipeline("default", "limits.outbound-message", "100MB")
			.pipeline("default", "compression.client", true)
			.pipeline("default", "compression.upstream", true)
			.route("ws", this.server.uri())
			.start();
		this.connection = client().connectHttp2();
	}

	private RawClient client() {
		RawClient client = this.gateway.client().path("/ws");
		return this.tls ? client.tls(TestCertificates.localhost().client()) : client;
	}

	@Override
	public Session open(Side sender, boolean compressed, Random random) {
		CompletableFuture<Termination> ended = new CompletableFuture<>();
		this.gateway.bean(Listeners.class).ended.set(ended);
		ClientLeg leg = (random.nextInt(3) == 0) ? ClientLeg.HTTP_1_1 : ClientLeg.HTTP_2;
		Random paddings = new Random(random.nextLong());
		RawClient client = client();
		if (leg == ClientLeg.HTTP_2) {
			client.over(this.connection.padding(() -> (paddings.nextInt(4) == 0) ? paddings.nextInt(257) : 0));
		}
		if (compressed && sender == Side.CLIENT) {
			client.header(EXTENSIONS, "permessage-deflate");
		}
		ClientHandshake handshake = client.start();
		UpstreamHandshake request = this.server.accept();
		if (compressed && sender == Side.UPSTREAM) {
			request.header(EXTENSIONS, "permessage-deflate");
		}
		RawPeer upstream = request.acceptWebSocket();
		return new Session(handshake.connected(), upstream, ended, leg + (this.tls ? " with TLS" : ""));
	}

	@Override
	public void close() {
		try {
			this.gateway.awaitNoSessions();
			this.connection.close();
		}
		finally {
			this.gateway.close();
			this.server.close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		private final AtomicReference<CompletableFuture<Termination>> ended = new AtomicReference<>();

		@Bean
		SessionListener endListener() {
			return new SessionListener() {

				@Override
				public void onClose(ProxiedSession session, Termination termination) {
					Listeners.this.ended.get().complete(termination);
				}

			};
		}

	}

}
