package dev.wspolicy.proving.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

import dev.wspolicy.netty.ChannelSession;
import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.netty.PerMessageDeflate;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.SessionSettings;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.TestCertificates;

/**
 * Sessions between channels of one transport, without a gateway around them, with TLS now
 * and then.
 */
final class ChannelSite implements SocketSite {

	private final SocketTransport transport;

	private final EventLoopGroup loop;

	private final ServerSocket server;

	private final LiveSessions sessions = new LiveSessions();

	ChannelSite(SocketTransport transport) throws ReflectiveOperationException, IOException {
		this.transport = transport;
		this.loop = transport.loop();
		this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
	}

	@Override
	public Session open(Side sender, boolean compressed, Random random) throws Exception {
		Channel client = this.transport.connect(this.loop, this.server);
		Socket clientSocket = this.server.accept();
		Channel upstream = this.transport.connect(this.loop, this.server);
		Socket upstreamSocket = this.server.accept();
		boolean tls = random.nextInt(3) == 0;
		if (tls) {
			client.pipeline().addLast(handler(false));
			upstream.pipeline().addLast(handler(true));
		}
		RawPeer clientPeer = RawPeer.of(clientSocket, tls ? tls(clientSocket, true) : clientSocket);
		RawPeer upstreamPeer = RawPeer.of(upstreamSocket, tls ? tls(upstreamSocket, false) : upstreamSocket);
		CompletableFuture<Termination> ended = new CompletableFuture<>();
		PerMessageDeflate deflate = compressed ? new PerMessageDeflate("permessage-deflate", true, true, 6, 0) : null;
		this.loop.submit(() -> session(sender, deflate, ended).open(client, upstream)).sync();
		return new Session(clientPeer, upstreamPeer, ended, this.transport + (tls ? " with TLS" : ""));
	}

	private ChannelSession session(Side sender, @Nullable PerMessageDeflate deflate,
			CompletableFuture<Termination> ended) {
		SessionSettings settings = SessionSettings.builder()
			.limits(new Limits(LIMIT, Long.MAX_VALUE, Long.MAX_VALUE))
			.build();
		SessionListener listener = new SessionListener() {

			@Override
			public void onClose(ProxiedSession session, Termination termination) {
				ended.complete(termination);
			}

		};
		UpgradeContext upgrade = (UpgradeContext) Proxy.newProxyInstance(UpgradeContext.class.getClassLoader(),
				new Class<?>[] { UpgradeContext.class }, (proxy, method, arguments) -> null);
		return new ChannelSession("session", SessionPipeline.of("test", settings, List.of(), List.of()), this.sessions,
				upgrade, (sender == Side.CLIENT) ? deflate : null, (sender == Side.UPSTREAM) ? deflate : null,
				List.of(listener));
	}

	private static SslHandler handler(boolean client) {
		SSLEngine engine = (client ? TestCertificates.localhost().client() : TestCertificates.localhost().server())
			.createSSLEngine();
		engine.setUseClientMode(client);
		return new SslHandler(engine);
	}

	private static Socket tls(Socket socket, boolean client) throws IOException {
		TestCertificates certificates = TestCertificates.localhost();
		SSLSocket secure = (SSLSocket) (client ? certificates.client() : certificates.server()).getSocketFactory()
			.createSocket(socket, "localhost", socket.getPort(), true);
		secure.setUseClientMode(client);
		return secure;
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
		if (this.sessions.unfinished() != 0) {
			throw new AssertionError(this.sessions.unfinished() + " sessions are left behind");
		}
	}

}
