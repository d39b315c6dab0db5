package dev.wspolicy.relay;

import java.io.ByteArrayOutputStream;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.ContinuationFrame;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameAccess;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.Payload;
import dev.wspolicy.pipeline.PolicyBinding;

/**
 * Assembles the fragments of a message for the policies on messages. The bytes that the
 * driver holds serve for that until a policy has replaced or dropped a fragment; from
 * then on the message is copied together here.
 */
final class MessageAssembler {

	/** Policies on messages want the message. */
	private boolean assembling;

	/** A policy has dropped the first fragment: the others are dropped too. */
	private boolean dropping;

	/** The message so far; null as long as no fragment has been changed. */
	private @Nullable ByteArrayOutputStream changed;

	/** The policy that has changed the message last; null as long as none has. */
	private @Nullable PolicyBinding changedBy;

	MessageAssembler(boolean assembling) {
		this.assembling = assembling;
	}

	/**
	 * Another message begins.
	 * @param assembling whether policies on messages want it
	 */
	void begin(boolean assembling) {
		this.assembling = assembling;
		this.dropping = false;
		this.changed = null;
		this.changedBy = null;
	}

	boolean isDropping() {
		return this.dropping;
	}

	/** Whether the message is not what the driver holds. */
	boolean isChanged() {
		return this.changed != null;
	}

	/** Returns the policy that answers for the content of the message, if one does. */
	@Nullable PolicyBinding changedBy() {
		return this.changedBy;
	}

	/**
	 * Adds a fragment that the policies on frames have let pass. What the driver holds of
	 * it is settled, unless the message is whole and unchanged.
	 * @param fragment the fragment
	 * @param collected what the driver holds of it; null if a policy has created it
	 * @param type the type of the message
	 * @return the message if it is whole, or {@code null}
	 */
	@Nullable Frame add(Frame fragment, @Nullable CollectedFrame collected, FrameType type) {
		if (this.changed != null) {
			append(this.changed, FrameAccess.payload(fragment), fragment.length());
			if (collected != null) {
				collected.drop();
			}
			return fragment.fin() ? takeChanged(type) : null;
		}
		CollectedFrame held = Objects.requireNonNull(collected);
		if (fragment.fin()) {
			return FrameAccess.frame(type, true, held.message());
		}
		held.keep();
		return null;
	}

	/**
	 * A policy has replaced or dropped a fragment: takes over what came before it.
	 * @param latest the fragment
	 * @param collected what the driver holds of it
	 * @param policy the policy
	 */
	void copyBefore(Frame latest, @Nullable CollectedFrame collected, PolicyBinding policy) {
		this.changedBy = policy;
		if (this.assembling && this.changed == null) {
			Payload held = Objects.requireNonNull(collected).message();
			this.changed = new ByteArrayOutputStream();
			append(this.changed, held, held.length() - latest.length());
		}
	}

	private static void append(ByteArrayOutputStream message, Payload payload, int length) {
		message.write(payload.bytes(), 0, length);
	}

	/** The first fragment is dropped, and with it those that follow. */
	void dropRest() {
		this.dropping = true;
	}

	/** Returns the message as policies have changed it. */
	Frame takeChanged(FrameType type) {
		byte[] message = Objects.requireNonNull(this.changed).toByteArray();
		this.changed = null;
		return FrameAccess.frame(type, true, FrameAccess.payload(BinaryFrame.of(message)));
	}

	/**
	 * Returns the fragment that ends a message whose last fragment was dropped.
	 * @return an empty final fragment
	 */
	static Frame end() {
		return ContinuationFrame.of(new byte[0], true);
	}

}
