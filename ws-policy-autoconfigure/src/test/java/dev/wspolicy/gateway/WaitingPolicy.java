package dev.wspolicy.gateway;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

import static org.awaitility.Awaitility.await;

/**
 * Lets the test give the verdict on the text "wait", and forwards all others.
 */
class WaitingPolicy implements FramePolicy {

	private final AtomicReference<@Nullable CompletableFuture<Verdict>> asked = new AtomicReference<>();

	/** Wait for the text, and return its verdict, which is pending. */
	CompletableFuture<Verdict> awaitAsked() {
		await().until(() -> this.asked.get() != null);
		return Objects.requireNonNull(this.asked.getAndSet(null));
	}

	@Override
	public Verdict apply(Frame frame, FrameContext context) {
		if (!(frame instanceof TextFrame message) || !message.text().equals("wait")) {
			return Verdict.forward();
		}
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		this.asked.set(verdict);
		return Verdict.later(verdict);
	}

}
