package dev.wspolicy.gateway;

import java.util.Arrays;

import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.RawPeer;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is going on when the victim is lost.
 */
enum KillMoment {

	IDLE(KillCell.Policies.NONE, Cause.HEARTBEAT_MISSED) {

		@Override
		void come(KillScene scene) {
			scene.victimSays(WireFrame.text("to you"));
			assertThat(scene.next().payloadAsText()).isEqualTo("to you");
			scene.otherSays(WireFrame.text("to you, too"));
			assertThat(skipPings(scene.victim()).payloadAsText()).isEqualTo("to you, too");
		}

	},

	MID_FRAME(KillCell.Policies.NONE, Cause.FRAME_TIMEOUT) {

		@Override
		void come(KillScene scene) {
			scene.victim().send(half(scene.cell().victim()));
			assertThat(scene.other().receiveBytes(HALF)).hasSize(HALF);
		}

		@Override
		int closeCode(KillCell cell) {
			// A close frame cannot be sent within another frame
			return RESET;
		}

	},

	MID_HELD_FRAME(KillCell.Policies.READING, Cause.FRAME_TIMEOUT) {

		@Override
		void come(KillScene scene) {
			scene.victim().send(half(scene.cell().victim()));
			scene.waitUntilRead();
		}

	},

	MID_FRAME_FROM_THE_OTHER(KillCell.Policies.NONE, Cause.FRAME_TIMEOUT) {

		@Override
		void come(KillScene scene) {
			scene.other().send(half(scene.cell().victim().peer()));
			assertThat(scene.victim().receiveBytes(HALF)).hasSize(HALF);
			scene.otherEndsWith(rest(scene.cell().victim().peer()));
		}

	},

	MID_MESSAGE(KillCell.Policies.NONE, Cause.HEARTBEAT_MISSED) {

		@Override
		void come(KillScene scene) {
			scene.victimSays(WireFrame.text("to be ").fin(false));
			assertThat(scene.next().fin()).isFalse();
		}

	},

	MID_HELD_MESSAGE(KillCell.Policies.READING, Cause.HEARTBEAT_MISSED) {

		@Override
		void come(KillScene scene) {
			scene.victimSays(WireFrame.text("x".repeat(5000)).fin(false));
			scene.waitUntilRead();
		}

	},

	VERDICT_PENDING(KillCell.Policies.WAITING, Cause.VERDICT_TIMEOUT) {

		@Override
		void come(KillScene scene) {
			scene.victimSays(WireFrame.text("may I?"));
			scene.question();
		}

		@Override
		int closeCode(KillCell cell) {
			return (cell.fate() == KillFate.SILENCE) ? 1011 : super.closeCode(cell);
		}

		@Override
		void after(KillScene scene) {
			if (scene.cell().fate() != KillFate.SILENCE) {
				// What was received before the loss is delivered before the close
				scene.question().complete(Verdict.forward());
				assertThat(scene.next().payloadAsText()).isEqualTo("may I?");
			}
		}

		@Override
		void afterwards(KillScene scene) {
			assertThat(scene.question()).isDone();
		}

	},

	VERDICT_PENDING_FOR_THE_OTHER(KillCell.Policies.WAITING, Cause.HEARTBEAT_MISSED) {

		@Override
		void come(KillScene scene) {
			scene.otherSays(WireFrame.text("may I?"));
			scene.question();
		}

		@Override
		void afterwards(KillScene scene) {
			assertThat(scene.question()).isCancelled();
		}

	},

	CLOSING(KillCell.Policies.NONE, Cause.CLOSE_FRAME) {

		@Override
		void come(KillScene scene) {
			scene.otherSays(WireFrame.close(4321, "bye"));
			scene.otherHasClosed();
			assertThat(skipPings(scene.victim()).closeCode()).isEqualTo(4321);
		}

		@Override
		int closeCode(KillCell cell) {
			// No peer can reply any more, so only its own close is known
			return 4321;
		}

		@Override
		Cause cause(KillCell cell) {
			return Cause.CLOSE_FRAME;
		}

		@Override
		Side initiator(KillCell cell) {
			return cell.victim().peer();
		}

	},

	CLOSE_SENT(KillCell.Policies.NONE, Cause.CLOSE_FRAME) {

		@Override
		void come(KillScene scene) {
			scene.victimSays(WireFrame.close(4321, "bye"));
			scene.closeArrives(scene.next());
		}

		@Override
		int closeCode(KillCell cell) {
			return 4321;
		}

		@Override
		Cause cause(KillCell cell) {
			return Cause.CLOSE_FRAME;
		}

	};

	static final int RESET = -1;

	private static final int HALF = 600;

	private final KillCell.Policies policies;

	private final Cause causeOfSilence;

	KillMoment(KillCell.Policies policies, Cause causeOfSilence) {
		this.policies = policies;
		this.causeOfSilence = causeOfSilence;
	}

	KillCell.Policies policies() {
		return this.policies;
	}

	abstract void come(KillScene scene);

	/** Continues after the victim has been lost. */
	void after(KillScene scene) {
	}

	void afterwards(KillScene scene) {
	}

	int closeCode(KillCell cell) {
		return (cell.fate() != KillFate.SILENCE && cell.victim() == Side.UPSTREAM) ? 1011 : 1001;
	}

	Cause cause(KillCell cell) {
		return (cell.fate() == KillFate.SILENCE) ? this.causeOfSilence : Cause.CONNECTION_LOST;
	}

	Side initiator(KillCell cell) {
		return cell.victim();
	}

	private static byte[] frame(Side sender) {
		return WireFrame.binary(new byte[1000]).from(sender).encode();
	}

	private static byte[] half(Side sender) {
		return Arrays.copyOf(frame(sender), HALF);
	}

	private static byte[] rest(Side sender) {
		byte[] frame = frame(sender);
		return Arrays.copyOfRange(frame, HALF, frame.length);
	}

	private static WireFrame skipPings(RawPeer peer) {
		WireFrame frame = peer.receiveFrame();
		return (frame.opcode() == WireFrame.PING) ? skipPings(peer) : frame;
	}

}
