package dev.wspolicy.gateway;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.testkit.Forwarder;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.RawSession;
import dev.wspolicy.testkit.SessionRecorder;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The two peers of a case.
 */
final class KillScene {

	private final KillCell cell;

	private final RawPeer victim;

	private final RawPeer other;

	private final TestGateway gateway;

	private final SessionRecorder recorder;

	/** The process of the victim, if it has one. */
	private final @Nullable Forwarder process;

	private boolean otherHasClosed;

	private @Nullable WireFrame closeOfVictim;

	private byte @Nullable [] restOfFrame;

	KillScene(KillCell cell, RawSession session, TestGateway gateway, SessionRecorder recorder,
			@Nullable Forwarder process) {
		this.cell = cell;
		this.victim = session.peer(cell.victim());
		this.other = session.peer(cell.victim().peer());
		this.gateway = gateway;
		this.recorder = recorder;
		this.process = process;
	}

	KillCell cell() {
		return this.cell;
	}

	RawPeer victim() {
		return this.victim;
	}

	RawPeer other() {
		return this.other;
	}

	Forwarder process() {
		return Objects.requireNonNull(this.process);
	}

	/** The other peer has sent its close frame. */
	void otherHasClosed() {
		this.otherHasClosed = true;
	}

	/** The close frame of the victim has arrived before its loss. */
	void closeArrives(WireFrame close) {
		this.closeOfVictim = close;
	}

	/** The other peer is in the middle of a frame, and sends the rest in the end. */
	void otherEndsWith(byte[] restOfFrame) {
		this.restOfFrame = restOfFrame;
	}

	void victimSays(WireFrame frame) {
		this.victim.send(frame.from(this.cell.victim()));
	}

	void otherSays(WireFrame frame) {
		this.other.send(frame.from(this.cell.victim().peer()));
	}

	/**
	 * Returns the next frame that the surviving peer receives, which also answers pings.
	 */
	WireFrame next() {
		WireFrame frame = this.other.receiveFrame();
		while (frame.opcode() == WireFrame.PING) {
			otherSays(WireFrame.pong(frame.payload()));
			frame = this.other.receiveFrame();
		}
		return frame;
	}

	CompletableFuture<Verdict> question() {
		return await().until(() -> this.gateway.bean(KillMatrixTests.Beans.class).questions.get(path()),
				Objects::nonNull);
	}

	/** The victim's data is not relayed, so it cannot be observed. */
	void waitUntilRead() {
		// A ping may be sent between fragments without affecting them
		await().until(() -> this.gateway.sessions()
			.stream()
			.filter((session) -> session.upgrade().path().equals(path()))
			.anyMatch((session) -> session.counts(this.cell.victim().sends()).bytes() > 0));
	}

	private String path() {
		return "/" + this.cell.name();
	}

	void verify(KillCell.Expected expected) {
		this.cell.moment().after(this);
		if (expected.closeCode() == KillMoment.RESET) {
			this.other.expectReset();
		}
		else {
			WireFrame close = (this.closeOfVictim != null) ? this.closeOfVictim : next();
			assertThat(close.opcode()).isEqualTo(WireFrame.CLOSE);
			assertThat(close.closeCode()).isEqualTo(expected.closeCode());
			endOther(close);
		}
		boolean victimIsThere = this.cell.fate() == KillFate.SILENCE || this.cell.fate() == KillFate.HALF_CLOSE;
		if (victimIsThere) {
			this.victim.drainToEnd();
		}
		Termination termination = this.recorder.termination(path());
		assertThat(termination.cause()).isEqualTo(expected.cause());
		assertThat(termination.initiator()).isEqualTo(expected.initiator());
		this.cell.moment().afterwards(this);
	}

	private void endOther(WireFrame close) {
		if (this.restOfFrame != null) {
			this.other.send(this.restOfFrame);
		}
		if (!this.otherHasClosed) {
			otherSays(WireFrame.close(close.closeCode()));
		}
		if (this.cell.victim() == Side.CLIENT) {
			// The gateway is the client on this leg, and waits for the server to end
			// the connection
			this.other.shutdownOutput();
		}
		this.other.expectEof();
		this.other.close();
	}

}
