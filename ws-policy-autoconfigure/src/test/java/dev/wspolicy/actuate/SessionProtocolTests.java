package dev.wspolicy.actuate;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.test.web.reactive.server.WebTestClient;

import dev.wspolicy.gateway.GatewayExtension;
import dev.wspolicy.testkit.ClientLeg;

/**
 * Tests that the endpoint shows which protocol clients speak.
 */
class SessionProtocolTests {

	@RegisterExtension
	static final GatewayExtension gateway = GatewayExtension.with()
		.complete()
		.http2()
		.set("management.endpoints.web.exposure.include", "websockets")
		.routes("chat");

	@ParameterizedTest
	@EnumSource
	void isInTheListsAndInTheDetails(ClientLeg leg) {
		gateway.register(gateway.client().path("/chat"));
		String id = gateway.onlySession().id();
		assertShown("", "$.sessions[0].protocol", leg);
		assertShown("?fleet=true", "$.sessions[0].protocol", leg);
		assertShown("/" + id, "$.upgrade.protocol", leg);
		assertShown("/" + id + "?fleet=true", "$.session.protocol", leg);
	}

	private static void assertShown(String request, String path, ClientLeg leg) {
		WebTestClient http = gateway.http("/actuator/websockets");
		http.get().uri(request).exchange().expectStatus().isOk().expectBody().jsonPath(path).isEqualTo(leg.protocol());
	}

}
