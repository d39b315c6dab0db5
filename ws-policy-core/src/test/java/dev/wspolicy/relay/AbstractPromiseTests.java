package dev.wspolicy.relay;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.mockito.Mockito;
import reactor.core.publisher.Mono;

import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;

/**
 * A promise of a verdict, and policies that make it.
 */
abstract class AbstractPromiseTests extends AbstractRelayTests {

	final CompletableFuture<Verdict> promise = new CompletableFuture<>();

	/** As {@link #promising()}, with a verdict that is made for one frame alone. */
	FramePolicy promisingOnce() {
		return on("later", Verdict.later(Mono.fromFuture(this.promise)));
	}

	/** Promises a verdict on the payload "later", lets all others pass. */
	FramePolicy promising() {
		return on("later", Verdict.later(this.promise));
	}

	@SuppressWarnings("unchecked")
	static CompletionStage<Verdict> stageOfAnotherKind() {
		CompletionStage<Verdict> stage = Mockito.mock(CompletionStage.class);
		Mockito.when(stage.toCompletableFuture()).thenThrow(new UnsupportedOperationException());
		return stage;
	}

}
