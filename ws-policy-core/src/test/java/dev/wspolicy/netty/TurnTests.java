package dev.wspolicy.netty;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.testkit.WireDeflate;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How far a direction goes in one turn of the event loop.
 */
class TurnTests {

	private static final int FRAMES = 10;

	private final TurnBudget budget = new TurnBudget(FRAMES, 100_000, 128 * 1024);

	private final List<String> judged = new ArrayList<>();

	private FramePolicy policy = (frame, context) -> Verdict.forward();

	private UnpooledByteBufAllocator allocator;

	private EmbeddedSession session;

	private EmbeddedChannel client;

	@BeforeEach
	void open() {
		open(null);
	}

	private void open(@Nullable PerMessageDeflate clientDeflate) {
		open(clientDeflate, null);
	}

	private void open(@Nullable PerMessageDeflate clientDeflate, @Nullable PerMessageDeflate upstreamDeflate) {
		open(clientDeflate, upstreamDeflate, this.budget);
	}

	private void openAgain(TurnBudget budget) {
		this.session.close();
		open(null, null, budget);
	}

	private void open(@Nullable PerMessageDeflate clientDeflate, @Nullable PerMessageDeflate upstreamDeflate,
			TurnBudget budget) {
		PolicyBinding binding = PolicyBinding.of("policy", (frame, context) -> {
			if (frame instanceof TextFrame text) {
				this.judged.add(text.text());
			}
			return this.policy.apply(frame, context);
		});
		this.allocator = new UnpooledByteBufAllocator(false);
		this.client = new SteadyChannel();
		this.client.config().setAllocator(this.allocator);
		this.session = EmbeddedSession.builder()
			.channels(this.client, new SteadyChannel())
			.inbound(List.of(binding))
			.budget(budget)
			.deflate(clientDeflate, upstreamDeflate)
			.open();
	}

	@AfterEach
	void close() {
		this.session.close();
	}

	@Test
	void framesOverTheBudgetWaitForTheNextTurn() {
		arrive(texts(0, 25));
		readComplete();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 10));
		assertThat(this.client.config().isAutoRead()).isFalse();
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 20));
		assertThat(this.client.config().isAutoRead()).isFalse();
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 25));
		assertThat(this.client.config().isAutoRead()).isTrue();
		assertThat(payloads()).containsExactlyElementsOf(names(0, 25));
	}

	@Test
	void readsOfOneLoopShareTheBudget() {
		arrive(texts(0, 6));
		arrive(texts(6, 12));
		assertThat(this.judged).containsExactlyElementsOf(names(0, 10));
		readComplete();
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 12));
		assertThat(this.client.config().isAutoRead()).isTrue();
	}

	@Test
	void readLoopsHaveABudgetEach() {
		for (int i = 0; i < 5; i++) {
			arrive(texts(i * 10, i * 10 + 10));
			readComplete();
			assertThat(this.client.config().isAutoRead()).isTrue();
		}
		assertThat(this.judged).containsExactlyElementsOf(names(0, 50));
	}

	@Test
	void bytesOverTheBudgetWaitForTheNextTurn() {
		WireFrame large = WireFrame.text("x".repeat(60_000));
		arrive(large);
		arrive(large);
		assertThat(this.client.config().isAutoRead()).isFalse();
		arrive(large);
		assertThat(this.judged).hasSize(2);
		readComplete();
		nextTurn();
		assertThat(this.judged).hasSize(3);
		assertThat(this.client.config().isAutoRead()).isTrue();
	}

	@Test
	void turnEndsWhenItHasLastedTooLong() {
		openAgain(TurnBudget.DEFAULT);
		this.policy = (frame, context) -> {
			this.client.advanceTimeBy(1, TimeUnit.MILLISECONDS);
			return Verdict.forward();
		};
		arrive(texts(0, 40));
		assertThat(this.judged).containsExactlyElementsOf(names(0, 16));
		assertThat(this.client.config().isAutoRead()).isFalse();
		readComplete();
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 32));
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 40));
		assertThat(this.client.config().isAutoRead()).isTrue();
	}

	@Test
	void turnOfLongMessagesEndsWhenItHasLastedTooLong() {
		openAgain(TurnBudget.DEFAULT);
		this.policy = (frame, context) -> {
			this.client.advanceTimeBy(3, TimeUnit.MILLISECONDS);
			return Verdict.forward();
		};
		WireFrame large = WireFrame.text("x".repeat(30_000));
		for (int i = 0; i < 4; i++) {
			arrive(large);
		}
		assertThat(this.judged).hasSize(2);
		readComplete();
		nextTurn();
		assertThat(this.judged).hasSize(4);
	}

	@Test
	void waitForAVerdictIsNotPartOfATurn() {
		openAgain(TurnBudget.DEFAULT);
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		this.policy = (frame, context) -> ((TextFrame) frame).text().equals("4") ? Verdict.later(verdict)
				: Verdict.forward();
		arrive(texts(0, 40));
		readComplete();
		this.client.advanceTimeBy(1, TimeUnit.SECONDS);
		verdict.complete(Verdict.forward());
		this.client.runPendingTasks();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 40));
		assertThat(this.client.config().isAutoRead()).isTrue();
	}

	@Test
	void inflatesNoMoreThanTheBudgetInOneTurn() {
		open(new PerMessageDeflate("", true, true, -1, 10));
		WireDeflate deflate = new WireDeflate();
		arrive(deflate.message(WireFrame.BINARY, new byte[1_000_000]), deflate.text("last"));
		readComplete();
		this.session.driver().flush();
		assertThat(this.client.config().isAutoRead()).isFalse();
		assertThat(this.session.driver().buffered(Side.UPSTREAM)).isBetween(100_000L, 300_000L);
		int turns = 0;
		while (!this.client.config().isAutoRead()) {
			nextTurn();
			turns++;
		}
		assertThat(turns).isBetween(5, 10);
		assertThat(this.judged).containsExactly("last");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void frameThatFillsTheBufferIsDealtWithBeforeWhatIsStillCompressed(boolean lost) {
		PerMessageDeflate agreement = new PerMessageDeflate("", true, true, -1, 10);
		open(agreement, agreement);
		String random = new Random(1).ints(100_000, ' ', '~')
			.mapToObj(Character::toString)
			.collect(Collectors.joining());
		this.policy = (frame, context) -> Verdict.replaceText(((TextFrame) frame).text() + random);
		WireDeflate deflate = new WireDeflate();
		arrive(names(0, 25).stream().map(deflate::text).toArray(WireFrame[]::new));
		readComplete();
		if (lost) {
			this.client.pipeline().fireChannelInactive();
		}
		for (int i = 0; i < 3; i++) {
			nextTurn();
		}
		assertThat(this.judged).containsExactlyElementsOf(names(0, 25));
		List<WireFrame> frames = this.session.frames(Side.UPSTREAM);
		if (lost) {
			assertThat(frames.remove(frames.size() - 1).closeCode()).isEqualTo(1001);
		}
		assertThat(AbstractCompressionTests.messages(new WireDeflate(), frames))
			.extracting((bytes) -> new String(bytes, StandardCharsets.UTF_8))
			.containsExactlyElementsOf(names(0, 25).stream().map((name) -> name + random).toList());
		close();
		assertThat(this.allocator.metric().usedHeapMemory()).isZero();
		assertThat(this.allocator.metric().usedDirectMemory()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void goesOnWhenBothTheVerdictAndTheNextTurnHaveCome(boolean verdictFirst) {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		String large = "x".repeat(100_000);
		this.policy = (frame, context) -> (frame.length() == large.length()) ? Verdict.later(verdict)
				: Verdict.forward();
		arrive(WireFrame.text(large), WireFrame.text("next"));
		readComplete();
		if (verdictFirst) {
			verdict.complete(Verdict.forward());
		}
		else {
			nextTurn();
		}
		assertThat(this.client.config().isAutoRead()).isFalse();
		assertThat(this.judged).containsExactly(large);
		verdict.complete(Verdict.forward());
		this.client.runPendingTasks();
		assertThat(this.client.config().isAutoRead()).isTrue();
		assertThat(payloads()).containsExactly(large, "next");
	}

	@Test
	void verdictThatComesBetweenTurnsDoesNotBeginOne() {
		CompletableFuture<Verdict> verdict = new CompletableFuture<>();
		this.policy = (frame, context) -> ((TextFrame) frame).text().equals("4") ? Verdict.later(verdict)
				: Verdict.forward();
		arrive(texts(0, 40));
		verdict.complete(Verdict.forward());
		// Runs the task that the verdict has made, then those that are due: the next
		// turn.
		this.client.runPendingTasks();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 20));
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 30));
	}

	@Test
	void lossIsToldWhenAllThatCameBeforeHasBeenJudged() {
		arrive(texts(0, 25));
		this.client.pipeline().fireChannelInactive();
		assertThat(payloads()).containsExactlyElementsOf(names(0, 10));
		nextTurn();
		assertThat(payloads()).containsExactlyElementsOf(names(10, 20));
		nextTurn();
		List<WireFrame> last = this.session.frames(Side.UPSTREAM);
		assertThat(last.remove(last.size() - 1).closeCode()).isEqualTo(1001);
		assertThat(last).extracting(WireFrame::payloadAsText).containsExactlyElementsOf(names(20, 25));
	}

	@Test
	void directionWhoseFramesNoLongerCountIsReadOverTurnByTurn() {
		this.session.driver()
			.run(() -> this.session.driver()
				.close(CloseStatus.of(4000, ""), CloseStatus.of(4001, ""), Cause.REQUESTED));
		assertThat(this.session.frames(Side.CLIENT)).extracting(WireFrame::closeCode).containsExactly(4000);
		arrive(texts(0, 25));
		arrive(WireFrame.close(4000));
		readComplete();
		nextTurn();
		assertThat(this.client.config().isAutoRead()).isFalse();
		nextTurn();
		// Its own close frame has been found: it is read on to its end
		assertThat(this.client.config().isAutoRead()).isTrue();
		assertThat(this.judged).isEmpty();
		assertThat(this.session.driver().buffered(Side.UPSTREAM)).isZero();
	}

	@Test
	void sessionThatEndsBetweenTurnsDoesNotGoOn() {
		arrive(texts(0, 25));
		this.session.driver().dispose();
		nextTurn();
		assertThat(this.judged).containsExactlyElementsOf(names(0, 10));
	}

	@Test
	void restOfALostLegOfWhichNothingIsTakenIsGivenUp() {
		this.policy = (frame, context) -> Verdict.drop();
		open(new PerMessageDeflate("", true, true, -1, 10));
		WireDeflate deflate = new WireDeflate();
		// Inflating all of it would take 1,600 turns.
		arrive(Stream.generate(() -> deflate.message(WireFrame.BINARY, new byte[1_000_000]))
			.limit(200)
			.toArray(WireFrame[]::new));
		readComplete();
		this.session.lose(Side.CLIENT);
		for (int turns = 0; turns < 400; turns++) {
			nextTurn();
			this.client.runPendingTasks();
			this.client.advanceTimeBy(10, TimeUnit.MILLISECONDS);
		}
		assertThat(this.session.frames(Side.UPSTREAM)).isEmpty();
		for (int turns = 0; turns < 200; turns++) {
			nextTurn();
			this.client.runPendingTasks();
			this.client.advanceTimeBy(10, TimeUnit.MILLISECONDS);
		}
		assertThat(this.session.frames(Side.UPSTREAM)).extracting(WireFrame::closeCode).containsExactly(1001);
	}

	@Test
	void verdictsOnWhatALostLegHasSentAreNotAwaitedForEver() {
		List<CompletableFuture<Verdict>> promises = new ArrayList<>();
		this.policy = (frame, context) -> {
			promises.add(new CompletableFuture<>());
			return Verdict.later(promises.get(promises.size() - 1));
		};
		arrive(texts(0, 1000));
		readComplete();
		this.session.lose(Side.CLIENT);
		List<WireFrame> delivered = new ArrayList<>();
		while (delivered.size() < 1001 && delivered.stream().noneMatch((frame) -> frame.opcode() == WireFrame.CLOSE)) {
			// In time, each of them
			this.client.advanceTimeBy(4, TimeUnit.SECONDS);
			this.client.runPendingTasks();
			promises.get(promises.size() - 1).complete(Verdict.forward());
			this.client.runPendingTasks();
			nextTurn();
			delivered.addAll(this.session.frames(Side.UPSTREAM));
		}
		assertThat(delivered.remove(delivered.size() - 1).closeCode()).isEqualTo(1001);
		// For the timeout of slow peers, and until the next look
		assertThat(delivered).hasSizeBetween(15, 18);
	}

	private static WireFrame[] texts(int from, int to) {
		return names(from, to).stream().map(WireFrame::text).toArray(WireFrame[]::new);
	}

	private static List<String> names(int from, int to) {
		return IntStream.range(from, to).mapToObj(String::valueOf).toList();
	}

	/** In one read, and without running a task. */
	private void arrive(WireFrame... frames) {
		this.session.arrive(Side.CLIENT, frames);
	}

	private void readComplete() {
		this.session.readComplete(Side.CLIENT);
	}

	/** What is given to the loop while it runs its tasks waits for the next time. */
	private void nextTurn() {
		this.client.runScheduledPendingTasks();
	}

	private List<String> payloads() {
		return this.session.frames(Side.UPSTREAM).stream().map(WireFrame::payloadAsText).toList();
	}

}
