package dev.wspolicy.gateway;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.RawClient;

/**
 * Gateways with small socket buffers, one for each transport, one with TLS, and one whose
 * clients use HTTP/2, which test classes share.
 */
abstract class AbstractWireTests {

	private static final int BUFFER = 32 * 1024;

	@RegisterExtension
	static final GatewayExtension nativeTransport = gateway(start());

	@RegisterExtension
	static final GatewayExtension nio = gateway(start().set("test.nio", true));

	@RegisterExtension
	static final GatewayExtension tls = gateway(start().tls());

	@RegisterExtension
	static final GatewayExtension http2 = gateway(start().http2Clients());

	private static GatewayExtension start() {
		return GatewayExtension.with(WatchedTransport.class, Policies.class).shared();
	}

	private static GatewayExtension gateway(GatewayExtension gateway) {
		gateway.upstream().receiveBuffer(BUFFER);
		return gateway.set("test.socket-buffer", BUFFER)
			.set("ws-policy.log-sessions", false)
			.pipeline("limits.inbound-message", "16MB")
			.pipeline("content-type", "text/plain")
			// Less than the time that a slow peer takes for a message, and more than it
			// can be held up
			.pipeline("session.close-timeout", "5s")
			.pipeline("passing", "session.high-water-mark", "16MB")
			.pipeline("reading", "inbound[0]", "frame-log")
			.pipeline("reading", "outbound[0]", "frame-log")
			.pipeline("compressed", "compression.client", true)
			.pipeline("compressed", "outbound[0]", "frame-log")
			// The close frame is read although the message in front of it waits
			.pipeline("hasty", "session.high-water-mark", "16MB")
			.pipeline("hasty", "session.close-timeout", "500ms")
			.pipeline("hasty", "inbound[0]", "frame-log")
			.pipeline("hasty", "outbound[0]", "frame-log")
			// Nothing waits for the close timeout
			.pipeline("patient", "session.close-timeout", "1m")
			.pipeline("patient-reading", "session.close-timeout", "1m")
			.pipeline("patient-reading", "inbound[0]", "frame-log")
			.pipeline("patient-reading", "outbound[0]", "frame-log")
			.pipeline("patient-compressed", "session.close-timeout", "1m")
			.pipeline("patient-compressed", "compression.client", true)
			.routes("plain")
			.routesByName("passing", "reading", "compressed", "hasty", "patient", "patient-reading",
					"patient-compressed")
			.filteredRoute("waiting", "WsPolicy=patient")
			.filteredRoute("replacing", "WsPolicy=patient");
	}

	/** A client that reads as little ahead as the upstream does. */
	static RawClient client(GatewayExtension gateway, String path) {
		return gateway.client().path(path).receiveBuffer(BUFFER);
	}

	/** The status that a side has been sent. */
	static @Nullable CloseStatus to(Side side, Termination termination) {
		return (side == Side.CLIENT) ? termination.toClient() : termination.toUpstream();
	}

	/** The status that a side has sent. */
	static @Nullable CloseStatus from(Side side, Termination termination) {
		return (side == Side.CLIENT) ? termination.fromClient() : termination.fromUpstream();
	}

	/** How the gateway and its peers are connected. */
	enum Wire {

		NATIVE, NIO, TLS, HTTP_2;

		GatewayExtension gateway() {
			return switch (this) {
				case NATIVE -> nativeTransport;
				case NIO -> nio;
				case TLS -> tls;
				case HTTP_2 -> http2;
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Policies {

		@Bean
		@WsPolicy(types = FrameType.TEXT, routes = "waiting")
		WaitingPolicy waitingPolicy() {
			return new WaitingPolicy();
		}

		@Bean
		ReplacingPolicy replacingPolicy() {
			return new ReplacingPolicy();
		}

	}

	/** What waits behind a frame that policies have made waits for that to be taken. */
	@WsPolicy(types = FrameType.BINARY, routes = "replacing")
	static class ReplacingPolicy implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.replace(BinaryFrame.of(frame.toByteArray()));
		}

	}

}
