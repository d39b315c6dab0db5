package dev.wspolicy.test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.TappedFrame;
import dev.wspolicy.session.TappedFrame.Outcome;
import dev.wspolicy.test.Treatment.Kind;

/**
 * What one pipeline makes of a message, frame by frame as a tap tells it.
 */
final class ReplayedUnit {

	private final ReplayedMessage message;

	/** What is sent on in place of the message, or in reply to it. */
	private final List<byte[]> made = new ArrayList<>(0);

	private Kind kind = Kind.FORWARDED;

	private @Nullable String policy;

	/** Whether all frames of the message have been told. */
	private boolean told;

	private @Nullable Treatment treatment;

	ReplayedUnit(ReplayedMessage message) {
		this.message = message;
	}

	ReplayedMessage message() {
		return this.message;
	}

	/** A frame of the peer: the message, or a fragment of it. */
	void onFrame(TappedFrame frame) {
		this.told = frame.fin();
		decide(frame);
	}

	/** A frame that a policy has put in the place of another one, or a reply. */
	void onMade(TappedFrame frame) {
		if (frame.outcome() == Outcome.NONE || frame.outcome() == Outcome.FORWARD) {
			this.made.add(frame.payload());
		}
		decide(frame);
	}

	private void decide(TappedFrame frame) {
		Kind next = switch (frame.outcome()) {
			case REPLACE -> Kind.CHANGED;
			case DROP -> Kind.DROPPED;
			case REPLY -> Kind.REPLIED;
			case CLOSE -> Kind.CLOSED;
			case FORWARD, NONE -> this.kind;
		};
		// A message of which a fragment has been dropped is changed.
		if (next == Kind.DROPPED && (!this.made.isEmpty() || (this.message.frames().size() > 1 && !frame.fin()))) {
			next = Kind.CHANGED;
		}
		if (next != this.kind) {
			this.kind = next;
			this.policy = frame.policy();
		}
	}

	boolean isTold() {
		return this.told;
	}

	boolean isReplied() {
		return this.kind == Kind.REPLIED;
	}

	/** Whether no policy has closed the session because of this message. */
	boolean isForwarded() {
		return this.kind == Kind.FORWARDED;
	}

	boolean isClosed() {
		return this.kind == Kind.CLOSED;
	}

	@Nullable String policy() {
		return this.policy;
	}

	/** The outcome is known. */
	void settle(Treatment treatment) {
		if (this.treatment == null) {
			this.treatment = treatment;
		}
	}

	/** The outcome is known, and the session is open. */
	void settle() {
		boolean unchanged = this.kind == Kind.CHANGED && this.made.size() == 1
				&& Arrays.equals(this.made.get(0), this.message.whole().payload());
		settle((unchanged || this.kind == Kind.FORWARDED) ? Treatment.FORWARDED
				: new Treatment(this.kind, this.policy, null, null, null));
	}

	/** Returns the treatment, or {@code null} if it is not known yet. */
	@Nullable Treatment treatment() {
		return this.treatment;
	}

	/** Whether two pipelines have sent the same on, to the same peers. */
	static boolean isSame(ReplayedUnit first, ReplayedUnit second) {
		Treatment one = first.treatment;
		Treatment other = second.treatment;
		if (one == null || other == null || one.kind() != other.kind()) {
			return Objects.equals(one, other);
		}
		return switch (one.kind()) {
			case CHANGED, REPLIED -> isSame(first.made, second.made);
			case CLOSED -> isSame(one, other);
			case FORWARDED, DROPPED, HELD, OPEN -> true;
		};
	}

	static boolean isSame(Treatment one, Treatment other) {
		return one.kind() == other.kind() && Objects.equals(one.toClient(), other.toClient())
				&& Objects.equals(one.toUpstream(), other.toUpstream());
	}

	private static boolean isSame(List<byte[]> first, List<byte[]> second) {
		return first.size() == second.size() && Arrays.deepEquals(first.toArray(), second.toArray());
	}

	/** Returns what has been sent on or in reply, for an example. */
	@Nullable String made() {
		boolean shown = this.kind == Kind.CHANGED || this.kind == Kind.REPLIED;
		return shown ? Excerpts.of(this.made) : null;
	}

}
