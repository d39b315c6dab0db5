package dev.wspolicy.pipeline;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

/**
 * Policies in order, and the one loop that shows them a frame.
 */
public final class FramePipeline {

	/**
	 * The pipeline without policies.
	 */
	public static final FramePipeline EMPTY = new FramePipeline(List.of());

	private final PolicyBinding[] bindings;

	// One bit per opcode, so that the hot path asks with a shift and an and.
	private final int[] wanted;

	private final int wantedByAny;

	/**
	 * A pipeline.
	 * @param bindings the policies, in order
	 */
	public FramePipeline(List<PolicyBinding> bindings) {
		this.bindings = bindings.toArray(new PolicyBinding[0]);
		this.wanted = new int[this.bindings.length];
		int any = 0;
		for (int i = 0; i < this.bindings.length; i++) {
			for (FrameType type : this.bindings[i].types()) {
				this.wanted[i] |= bit(type);
			}
			any |= this.wanted[i];
		}
		this.wantedByAny = any;
	}

	/**
	 * Whether any policy wants to be shown frames of a type.
	 * @param type the type
	 * @return {@code false} if such frames need not be read
	 */
	public boolean wants(FrameType type) {
		return (this.wantedByAny & bit(type)) != 0;
	}

	/**
	 * Show a frame to the policies, from the cursor on, until one of them answers with
	 * anything but forward.
	 * @param frame the frame
	 * @param type the type that the policies know it by: that of its message, for a
	 * fragment
	 * @param cursor where to begin; left behind the policy that was asked last
	 * @param context where the frame travels
	 * @param forwarded counts, by position, how often a policy has let a frame pass
	 * @return the verdict of the last policy asked; forward if no other was given
	 */
	public @Nullable Verdict run(Frame frame, FrameType type, Cursor cursor, FrameContext context, long[] forwarded) {
		int bit = bit(type);
		while (cursor.next < this.bindings.length) {
			int index = cursor.next++;
			if ((this.wanted[index] & bit) != 0) {
				Verdict verdict = this.bindings[index].policy().apply(frame, context);
				if (verdict != Verdict.Forward.INSTANCE) {
					return verdict;
				}
				forwarded[index]++;
			}
		}
		return Verdict.Forward.INSTANCE;
	}

	/**
	 * The next policy that wants a frame, for those who ask one policy at a time.
	 * @param type the type that the policies know the frame by
	 * @param cursor where to begin; left behind that policy
	 * @return its binding, or {@code null} if no policy is left
	 */
	public @Nullable PolicyBinding next(FrameType type, Cursor cursor) {
		int bit = bit(type);
		while (cursor.next < this.bindings.length) {
			int index = cursor.next++;
			if ((this.wanted[index] & bit) != 0) {
				return this.bindings[index];
			}
		}
		return null;
	}

	/**
	 * The policy that was asked last.
	 * @param cursor a cursor that has been run here
	 * @return its binding
	 */
	public PolicyBinding asked(Cursor cursor) {
		return this.bindings[cursor.next - 1];
	}

	/**
	 * The policies.
	 * @return the bindings, in order
	 */
	public List<PolicyBinding> bindings() {
		return List.of(this.bindings);
	}

	private static int bit(FrameType type) {
		return 1 << type.opcode();
	}

	/**
	 * How far a frame has come.
	 */
	public static class Cursor {

		private int next;

		/**
		 * Go to where another frame is.
		 * @param other the cursor of the other frame
		 */
		public void moveTo(Cursor other) {
			this.next = other.next;
		}

		/**
		 * The position of the policy that was asked last.
		 * @return its index
		 */
		public int asked() {
			return this.next - 1;
		}

	}

}
