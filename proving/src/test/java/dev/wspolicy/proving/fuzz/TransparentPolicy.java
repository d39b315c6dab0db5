package dev.wspolicy.proving.fuzz;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;

/**
 * What policies do with what passes, none of which makes a difference.
 */
enum TransparentPolicy {

	NONE, READ, FRAMES, COPY, LATER;

	List<PolicyBinding> bindings() {
		return switch (this) {
			case NONE -> List.of();
			case FRAMES -> List.of(PolicyBinding.of("frames", this::apply).granularity(Granularity.FRAME));
			default -> List.of(PolicyBinding.of("messages", this::apply));
		};
	}

	private Verdict apply(Frame frame, FrameContext context) {
		return switch (this) {
			case READ -> {
				if (frame instanceof TextFrame text) {
					text.text();
				}
				yield Verdict.forward();
			}
			case COPY -> Verdict.replace(frame.copy());
			case LATER -> {
				CompletableFuture<Verdict> verdict = new CompletableFuture<>();
				context.session().schedule(Duration.ZERO, () -> verdict.complete(Verdict.forward()));
				yield Verdict.later(verdict);
			}
			default -> Verdict.forward();
		};
	}

}
