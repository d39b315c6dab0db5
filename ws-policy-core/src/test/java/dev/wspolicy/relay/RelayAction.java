package dev.wspolicy.relay;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;

/**
 * What a relay has had done, as a script asserts it.
 */
sealed interface RelayAction {

	/** The original bytes of a frame go on, whole. */
	record Forward(Side to, ScriptFrame frame) implements RelayAction {

	}

	/** The original header of a frame goes on; its payload is still to come. */
	record ForwardBegins(Side to, ScriptFrame frame) implements RelayAction {

	}

	/** A frame is encoded and written. */
	record Send(Side to, ScriptFrame frame) implements RelayAction {

	}

	record Suspend(Direction direction) implements RelayAction {

	}

	record Resume(Direction direction) implements RelayAction {

	}

	record Finish(Side side) implements RelayAction {

	}

	/** The stream ends without a close frame. */
	record End(Side side) implements RelayAction {

	}

	/** The socket is closed at once. */
	record CloseSocket(Side side) implements RelayAction {

	}

	record Abort(Side side) implements RelayAction {

	}

	/** The observer hears of a policy's failure. */
	record Failure(Direction direction, String policy, Class<? extends Throwable> failure) implements RelayAction {

	}

	/** The observer hears that a peer is silent. */
	record HeartbeatMissed(Side side) implements RelayAction {

	}

	/** The observer hears that another pipeline serves. */
	record PipelineSwitched(Direction direction) implements RelayAction {

	}

	/** The session is over. */
	record Terminated(Termination termination) implements RelayAction {

	}

}
