package dev.wspolicy.pipeline;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;

/**
 * The policies of one stage, in order, with the loop that shows them a frame.
 */
public final class FramePipeline {

	/**
	 * A pipeline without policies.
	 */
	public static final FramePipeline EMPTY = new FramePipeline(List.of());

	private final PolicyBinding[] bindings;

	// One bit per opcode, so that the hot path needs only a shift and an AND.
	private final int[] wanted;

	private final int wantedByAny;

	/**
	 * Creates a pipeline.
	 * @param bindings the policies, in order
	 */
	public FramePipeline(List<PolicyBinding> bindings) {
		this.bindings = bindings.toArray(new PolicyBinding[0]);
		this.wanted = new int[this.bindings.length];
		int any = 0;
		for (int i = 0; i < this.bindings.length; i++) {
			for (FrameType type : this.bindings[i].shown()) {
				this.wanted[i] |= bit(type);
			}
			any |= this.wanted[i];
		}
		this.wantedByAny = any;
	}

	/**
	 * Whether any policy is shown frames of a type.
	 * @param type the type
	 * @return {@code false} if such frames need not be read
	 */
	public boolean wants(FrameType type) {
		return (this.wantedByAny & bit(type)) != 0;
	}

	/**
	 * Shows a frame to the policies, starting at the cursor, until one of them returns
	 * anything but forward.
	 * @param frame the frame
	 * @param type the type by which policies are selected: for a fragment, that of its
	 * message
	 * @param cursor where to start; moved past the policy that was asked last
	 * @param context the context of the frame
	 * @param forwarded counts, by position, how often each policy has forwarded a frame
	 * @return the first verdict other than forward, or forward if there is none
	 */
	public @Nullable Verdict run(Frame frame, FrameType type, Cursor cursor, FrameContext context, long[] forwarded) {
		return run(frame, type, cursor, context, forwarded, null);
	}

	/**
	 * Shows a frame to the policies in the same way, and notifies an observer of each
	 * call.
	 * @param frame the frame
	 * @param type the type by which policies are selected: for a fragment, that of its
	 * message
	 * @param cursor where to start; moved past the policy that was asked last
	 * @param context the context of the frame
	 * @param forwarded counts, by position, how often each policy has forwarded a frame
	 * @param observer notified before and after each call, or {@code null} for none
	 * @return the first verdict other than forward, or forward if there is none
	 */
	public @Nullable Verdict run(Frame frame, FrameType type, Cursor cursor, FrameContext context, long[] forwarded,
			@Nullable Observer observer) {
		int bit = bit(type);
		while (cursor.next < this.bindings.length) {
			int index = cursor.next++;
			if ((this.wanted[index] & bit) != 0) {
				PolicyBinding binding = this.bindings[index];
				Verdict verdict = (observer != null) ? observed(binding, frame, context, observer)
						: binding.policy().apply(frame, context);
				if (verdict != Verdict.Forward.INSTANCE) {
					return verdict;
				}
				forwarded[index]++;
			}
		}
		return Verdict.Forward.INSTANCE;
	}

	private static @Nullable Verdict observed(PolicyBinding binding, Frame frame, FrameContext context,
			Observer observer) {
		Verdict verdict = null;
		observer.onShow(binding);
		try {
			verdict = binding.policy().apply(frame, context);
			return verdict;
		}
		finally {
			observer.onAnswer(verdict);
		}
	}

	/**
	 * Returns the policy that was asked last.
	 * @param cursor a cursor that this pipeline has moved
	 * @return its binding
	 */
	public PolicyBinding asked(Cursor cursor) {
		return this.bindings[cursor.next - 1];
	}

	/**
	 * Returns the policies.
	 * @return the bindings, in order
	 */
	public List<PolicyBinding> bindings() {
		return List.of(this.bindings);
	}

	private static int bit(FrameType type) {
		return 1 << type.opcode();
	}

	/**
	 * Observes the calls of policies.
	 */
	public interface Observer {

		/**
		 * Called before a policy sees the frame.
		 * @param binding the policy
		 */
		void onShow(PolicyBinding binding);

		/**
		 * Called after the policy has returned or thrown.
		 * @param verdict its verdict, or {@code null} if it has thrown
		 */
		void onAnswer(@Nullable Verdict verdict);

	}

	/**
	 * The position of a frame between the policies.
	 */
	public static class Cursor {

		private int next;

		/**
		 * Moves to the position of another frame.
		 * @param other the cursor of the other frame
		 */
		public void moveTo(Cursor other) {
			this.next = other.next;
		}

		/**
		 * Returns the position of the policy that was asked last.
		 * @return its index
		 */
		public int asked() {
			return this.next - 1;
		}

	}

}
