package dev.wspolicy.relay;

import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.VerdictCounts.Kind;

/**
 * A policy in one stage of its rollout, and what it decides about one of the frames that
 * a side sends.
 *
 * @param stage the stage of its rollout
 * @param decision what it decides
 * @param timing when it decides
 * @param granularity what it is shown
 * @param fragmented whether the message comes in three fragments
 * @param from the side that sends the message
 */
record RolloutCase(Stage stage, Decision decision, Timing timing, Granularity granularity, boolean fragmented,
		Side from) {

	static final String POLICY = "policy";

	private static final CloseStatus TO_CLIENT = CloseStatus.of(4000, "to the client");

	private static final CloseStatus TO_UPSTREAM = CloseStatus.of(4001, "to the upstream");

	static Stream<RolloutCase> all(Stage stage) {
		return Stream.of(Decision.values())
			.flatMap((decision) -> Stream.of(Timing.values())
				.flatMap((timing) -> Stream.of(Granularity.values())
					.flatMap((granularity) -> Stream.of(false, true)
						.flatMap((fragmented) -> Stream.of(Side.values())
							.map((from) -> new RolloutCase(stage, decision, timing, granularity, fragmented, from))))));
	}

	/** Whether the policy is shown a fragment. */
	private boolean isOnFragment() {
		return this.fragmented && this.granularity == Granularity.FRAME;
	}

	/** What is recorded if the policy is observed; null for nothing. */
	@Nullable ObservedVerdict record() {
		Direction direction = this.from.sends();
		boolean inbound = direction == Direction.INBOUND;
		return switch (this.decision) {
			case FORWARD, SEND -> null;
			case REPLACE -> record(Kind.REPLACE, null);
			case REPLACE_BY_TWO -> record(isOnFragment() ? Kind.FAILED : Kind.REPLACE, null);
			case DROP -> record(Kind.DROP, null);
			case REPLY -> record(Kind.REPLY, null);
			case CLOSE -> record(Kind.CLOSE, inbound ? TO_CLIENT : TO_UPSTREAM);
			case CLOSE_SENDER -> record(Kind.CLOSE, TO_CLIENT);
			case REPLY_CLOSE_FRAME, EXCEPTION, ERROR, NULL -> record(Kind.FAILED, null);
			case CLOSE_SESSION -> new ObservedVerdict(POLICY, null, Kind.CLOSE, TO_CLIENT);
		};
	}

	private ObservedVerdict record(Kind kind, @Nullable CloseStatus status) {
		return new ObservedVerdict(POLICY, this.from.sends(), kind, status);
	}

	/**
	 * The stages of a rollout.
	 */
	enum Stage {

		ENFORCED(PolicyMode.ENFORCE, null, null, PolicyMode.ENFORCE),

		OBSERVED(PolicyMode.OBSERVE, null, null, PolicyMode.OBSERVE),

		OFF(PolicyMode.OFF, null, null, PolicyMode.OFF),

		ENFORCED_WITHIN_SHARE(PolicyMode.ENFORCE, "50%", null, PolicyMode.ENFORCE),

		OBSERVED_OUTSIDE_SHARE(PolicyMode.ENFORCE, "50%", null, PolicyMode.OBSERVE),

		OFF_OUTSIDE_SHARE(PolicyMode.ENFORCE, "50%", PolicyMode.OFF, PolicyMode.OFF),

		OBSERVED_WITHIN_SHARE(PolicyMode.OBSERVE, "50%", null, PolicyMode.OBSERVE),

		OFF_OUTSIDE_OBSERVED_SHARE(PolicyMode.OBSERVE, "50%", null, PolicyMode.OFF);

		final Rollout rollout;

		/** The mode for the client of this stage. */
		final PolicyMode mode;

		Stage(PolicyMode mode, @Nullable String share, @Nullable PolicyMode rest, PolicyMode effective) {
			this.rollout = Rollout.of(mode, share, rest);
			this.mode = effective;
		}

		/** The first client that the policy has this mode for. */
		String client() {
			PolicyBinding binding = PolicyBinding.of(POLICY, (frame, context) -> Verdict.forward())
				.rolledOut(this.rollout);
			return Stream.iterate(0, (number) -> number + 1).map((number) -> "user-" + number).filter((name) -> {
				ScriptSession session = new ScriptSession(() -> {
					throw new UnsupportedOperationException();
				});
				session.client(name);
				return Rollout.modeOf(binding.policy(), session) == this.mode;
			}).findFirst().orElseThrow();
		}

	}

	/**
	 * What a policy decides about a frame.
	 */
	enum Decision {

		FORWARD, REPLACE, REPLACE_BY_TWO, DROP, REPLY, REPLY_CLOSE_FRAME, CLOSE, CLOSE_SENDER, EXCEPTION, ERROR, NULL,

		/** Closes the session from code, and forwards the frame. */
		CLOSE_SESSION,

		/** Sends a message from code, and forwards the frame. */
		SEND;

		/** What is done before the verdict. */
		void act(ProxiedSession session) {
			if (this == CLOSE_SESSION) {
				session.close(TO_CLIENT, TO_UPSTREAM);
			}
			else if (this == SEND) {
				session.send(Side.CLIENT, TextFrame.of("sent"));
			}
		}

		@Nullable Throwable failure() {
			return switch (this) {
				case EXCEPTION -> new IllegalStateException("failed");
				case ERROR -> new StackOverflowError("failed");
				default -> null;
			};
		}

		@Nullable Verdict verdict() {
			return switch (this) {
				case REPLACE -> Verdict.replaceText("other");
				case REPLACE_BY_TWO -> Verdict.replace(TextFrame.of("one"), TextFrame.of("two"));
				case DROP -> Verdict.drop();
				case REPLY -> Verdict.replyText("no");
				case REPLY_CLOSE_FRAME -> Verdict.reply(CloseFrame.of(TO_CLIENT));
				case CLOSE -> Verdict.close(TO_CLIENT, TO_UPSTREAM);
				case CLOSE_SENDER -> Verdict.closeSender(TO_CLIENT);
				case EXCEPTION, ERROR, NULL -> null;
				case FORWARD, CLOSE_SESSION, SEND -> Verdict.forward();
			};
		}

	}

	/**
	 * When a policy decides.
	 */
	enum Timing {

		NOW,

		/** Promises a verdict that is there already. */
		PROMISED,

		/** Promises a verdict. */
		LATER,

		/** Promises a verdict that promises another one. */
		STILL_LATER;

		/** The stages that are completed one after the other. */
		int promises() {
			return switch (this) {
				case NOW, PROMISED -> 0;
				case LATER -> 1;
				case STILL_LATER -> 2;
			};
		}

		static CompletableFuture<Verdict> completed(Decision decision) {
			CompletableFuture<Verdict> completed = new CompletableFuture<>();
			complete(completed, decision);
			return completed;
		}

		@SuppressWarnings("NullAway")
		static void complete(CompletableFuture<Verdict> promise, Decision decision) {
			Throwable failure = decision.failure();
			if (failure != null) {
				promise.completeExceptionally(failure);
			}
			else {
				promise.complete(decision.verdict());
			}
		}

	}

}
