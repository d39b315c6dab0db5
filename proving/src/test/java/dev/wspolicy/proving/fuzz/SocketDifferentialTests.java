package dev.wspolicy.proving.fuzz;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.proving.Seed;
import dev.wspolicy.testkit.QuietLog;

/**
 * Random streams on sockets: of each transport, and through gateways whose clients speak
 * HTTP/1.1 and HTTP/2, with and without TLS and compression. The relay and independent
 * decoders must make the same of them.
 */
@ExtendWith(QuietLog.class)
class SocketDifferentialTests {

	@ParameterizedTest
	@EnumSource
	void relayAgreesOnEachTransport(SocketTransport transport) throws Exception {
		run(transport, Seed.of("sockets, " + transport), 12);
	}

	@ParameterizedTest
	@EnumSource
	@Tag("proving")
	void longRun(SocketTransport transport) throws Exception {
		run(transport, Seed.of("sockets, long, " + transport), Integer.getInteger("proving.streams", 3_000));
	}

	private static void run(SocketTransport transport, Seed seed, int trials) throws Exception {
		Assumptions.assumeTrue(transport.isAvailable(), transport + " is not available");
		try (SocketSite site = new ChannelSite(transport)) {
			SocketTrials.run(site, seed, trials);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void gatewayAgreesWhateverItsClientsSpeak(boolean tls) throws Exception {
		runThroughGateway(tls, Seed.of("gateway, TLS " + tls), 20);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Tag("proving")
	void longRunThroughGateway(boolean tls) throws Exception {
		runThroughGateway(tls, Seed.of("gateway, long, TLS " + tls), Integer.getInteger("proving.streams", 3_000));
	}

	private static void runThroughGateway(boolean tls, Seed seed, int trials) throws Exception {
		try (SocketSite site = new GatewaySite(tls)) {
			SocketTrials.run(site, seed, trials);
		}
	}

}
