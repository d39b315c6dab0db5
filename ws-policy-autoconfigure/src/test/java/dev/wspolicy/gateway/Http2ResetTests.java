package dev.wspolicy.gateway;

import java.util.ArrayList;
import java.util.List;

import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.netty.LiveSessions;
import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.ClientLeg;
import dev.wspolicy.testkit.Http2Connection;
import dev.wspolicy.testkit.RawClient;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.UpstreamHandshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for streams that the gateway resets, which must not harm the others of their
 * connection.
 */
class Http2ResetTests {

	private static final int STREAMS = 3;

	/** After so many resets because of errors Netty closes a connection. */
	private static final int ERRORS = 5;

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with(FewStreams.class).http2().routes("ws");

	@Test
	void framesUnderWayToRefusedStreamAreIgnored() {
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession neighbour = gateway.open(client().over(connection));
			ClientHandshake refused = client().over(connection).start();
			gateway.upstream().accept().refuse(418, "no");
			assertThat(refused.response().status()).isEqualTo(418);
			await().until(() -> connection.openStreams() == 1);
			connection.sendData(connection.lastStream(), 10 * ERRORS);
			neighbour.roundTrip();
			assertThat(connection.goAways()).isEmpty();
		}
	}

	@Test
	void framesUnderWayToAbortedSessionAreIgnored() {
		try (Http2Connection connection = client().connectHttp2()) {
			gateway.register(client().over(connection));
			int aborted = connection.lastStream();
			gateway.bean(LiveSessions.class).abort();
			await().until(() -> connection.openStreams() == 0);
			connection.sendData(aborted, 10 * ERRORS);
			try (RawSession next = gateway.open(client().over(connection))) {
				next.roundTrip();
			}
			assertThat(connection.resets()).containsExactly(Http2Error.CANCEL);
			assertThat(connection.goAways()).isEmpty();
		}
	}

	@Test
	void resetStreamsTakeNoneOfTheClientsStreams() {
		try (Http2Connection connection = client().connectHttp2()) {
			List<RawSession> sessions = new ArrayList<>();
			for (int i = 1; i < STREAMS; i++) {
				sessions.add(gateway.open(client().over(connection)));
			}
			for (int i = 0; i < 2 * STREAMS; i++) {
				ClientHandshake refused = client().over(connection).start();
				gateway.upstream().accept().refuse(418, "no");
				assertThat(refused.response().status()).isEqualTo(418);
				await().until(() -> connection.openStreams() == sessions.size());
			}
			assertThat(connection.resets()).hasSize(2 * STREAMS).containsOnly(Http2Error.NO_ERROR);
			sessions.forEach(RawSession::roundTrip);
		}
	}

	@Test
	void errorOfSessionResetsItsStreamOnly() {
		try (Http2Connection connection = client().connectHttp2()) {
			RawSession neighbour = gateway.open(client().over(connection));
			RawSession session = gateway.register(client().over(connection));
			connection.sendEmptyWindowUpdate(connection.lastStream());
			assertThat(session.upstream().receiveFrame().closeCode()).isEqualTo(1001);
			await().until(() -> !connection.resets().isEmpty());
			assertThat(connection.resets()).containsExactly(Http2Error.PROTOCOL_ERROR);
			neighbour.roundTrip();
		}
	}

	@Test
	void errorBeforeTheAnswerEndsTheDial() {
		try (Http2Connection connection = client().connectHttp2()) {
			client().over(connection).start();
			UpstreamHandshake request = gateway.upstream().accept();
			connection.sendEmptyWindowUpdate(connection.lastStream());
			request.peer().expectClosed();
			await().until(() -> connection.openStreams() == 0);
			assertThat(connection.resets()).containsExactly(Http2Error.PROTOCOL_ERROR);
		}
	}

	@Test
	void connectionOfClientThatProvokesResetsIsClosed() {
		try (Http2Connection connection = client().connectHttp2()) {
			for (int i = 1; i <= ERRORS; i++) {
				int errors = i;
				gateway.register(client().over(connection));
				connection.sendEmptyWindowUpdate(connection.lastStream());
				await().until(() -> connection.resets().size() == errors);
				gateway.closeSessions();
			}
			gateway.register(client().over(connection));
			connection.sendEmptyWindowUpdate(connection.lastStream());
			assertThat(connection.awaitClose()).isTrue();
			assertThat(connection.goAways()).containsExactly(Http2Error.ENHANCE_YOUR_CALM);
		}
	}

	private static RawClient client() {
		return gateway.client().over(ClientLeg.HTTP_2).path("/ws");
	}

	@Configuration(proxyBeanMethods = false)
	static class FewStreams {

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> fewStreams() {
			return (factory) -> factory.addServerCustomizers((server) -> server.http2Settings(
					(settings) -> settings.maxConcurrentStreams(STREAMS).maxEncodedRstFramesPerWindow(ERRORS, 30)));
		}

	}

}
