package dev.wspolicy.gateway;

import org.junit.jupiter.api.Test;

import dev.wspolicy.testkit.ClientHandshake;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the policies of a session, their order and the threads that call them.
 */
class UserPoliciesTests extends AbstractUserPoliciesTests {

	@Test
	void annotatedPoliciesRunInTheOrderOfSpring() {
		try (RawSession session = open("annotated")) {
			session.client().send(WireFrame.text("x").masked());
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x123");
			session.client().send(WireFrame.binary((byte) 7).masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.binary((byte) 7).masked());
			session.upstream().send(WireFrame.text("y"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("y");
		}
	}

	@Test
	void policiesOfOneSubprotocolOnly() {
		try (ClientHandshake handshake = gateway.client().path("/annotated").subprotocol("chat.v2").start()) {
			RawPeer server = gateway.upstream().accept().subprotocol("chat.v2").acceptWebSocket();
			RawPeer client = handshake.connected();
			client.send(WireFrame.text("x").masked());
			assertThat(server.receiveFrame().payloadAsText()).isEqualTo("x123v2");
			server.close();
		}
	}

	@Test
	void listedPoliciesRunInTheirOrderAfterTheAnnotatedOnes() {
		try (RawSession session = open("listed")) {
			session.client().send(WireFrame.text("x").masked());
			// 'second' is annotated and listed: it runs where it is listed
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("x*!!!?2");
			session.upstream().send(WireFrame.text("y"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("y");
		}
		assertThat(beans().contentType).isEqualTo("text/plain");
	}

	@Test
	void blockingPolicyMayBlock() throws Exception {
		try (RawSession session = open("blocking")) {
			session.client().send(WireFrame.text("1").masked(), WireFrame.text("2").masked());
			// Neither the other direction nor another session on the same loop waits
			session.upstream().send(WireFrame.text("back"));
			assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("back");
			try (RawSession another = open("annotated")) {
				another.client().send(WireFrame.text("x").masked());
				assertThat(another.upstream().receiveFrame().payloadAsText()).isEqualTo("x123");
			}
			beans().latch.countDown();
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("blocked 1");
			assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("blocked 2");
		}
	}

	@Test
	void blockingPolicyIsCalledSequentially() {
		UserPolicies.BlockingBoth policy = gateway.bean(UserPolicies.BlockingBoth.class);
		for (int round = 0; round < 20; round++) {
			try (RawSession session = open("blocking-both")) {
				for (int i = 0; i < 20; i++) {
					session.client().send(WireFrame.text("in" + i).masked());
					session.upstream().send(WireFrame.text("out" + i));
				}
				for (int i = 0; i < 20; i++) {
					assertThat(session.upstream().receiveFrame().payloadAsText()).isEqualTo("in" + i);
					assertThat(session.client().receiveFrame().payloadAsText()).isEqualTo("out" + i);
				}
			}
		}
		await().untilAsserted(() -> assertThat(policy.closed).hasValue(20));
		assertThat(policy.problems).isEmpty();
	}

	@Test
	void controlFramesAreShownToPoliciesThatAskForThem() {
		try (RawSession session = open("control")) {
			session.client().send(WireFrame.ping("drop").masked(), WireFrame.ping("keep").masked());
			assertThat(session.upstream().receiveFrame()).isEqualTo(WireFrame.ping("keep").masked());
			session.client().send(WireFrame.close(4000, "secret").masked());
			WireFrame close = session.upstream().receiveFrame();
			assertThat(close.unmasked()).isEqualTo(WireFrame.close(4001, "changed"));
			session.upstream().send(WireFrame.close(4001));
			assertThat(session.client().receiveFrame().closeCode()).isEqualTo(4001);
		}
	}

}
