package dev.wspolicy.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lots of tokens from a bucket without Redis, on a clock of its own.
 */
class TokenLotTests {

	private static final long BURST = 100;

	private static final long PER_SECOND = 100;

	private final Clock clock = new Clock();

	private final Bucket bucket = Bucket.builder()
		.addLimit((limit) -> limit.capacity(BURST).refillGreedy(PER_SECOND, Duration.ofSeconds(1)))
		.withCustomTimePrecision(this.clock)
		.build();

	private int asked;

	@Test
	void tenOutOfOneQuestion() {
		TokenLot lot = lot();
		for (int i = 0; i < 10; i++) {
			assertThat(lot.take()).isCompletedWithValue(true);
		}
		assertThat(this.asked).isEqualTo(1);
		assertThat(this.bucket.getAvailableTokens()).isEqualTo(BURST - 10);
	}

	@Test
	void lastTokensAreGranted() {
		TokenLot lot = lot();
		this.bucket.tryConsume(BURST - 3);
		assertThat(IntStream.range(0, 10).filter((number) -> lot.take().join()).count()).isEqualTo(3);
	}

	@Test
	void whatWasTakenAheadIsNotLost() {
		// Each of three gateways has a third of the traffic, which is as much as allowed.
		List<TokenLot> lots = List.of(lot(), lot(), lot());
		this.bucket.tryConsume(BURST - 30);
		int granted = 0;
		for (int i = 0; i < 3000; i++) {
			granted += lots.get(i % 3).take().join() ? 1 : 0;
			this.clock.advance(Duration.ofMillis(10));
		}
		assertThat(granted).isBetween(2970, 3000);
	}

	@Test
	void neverMoreThanTheBurstAtOnce() {
		Random random = new Random(7);
		for (int round = 0; round < 2000; round++) {
			List<TokenLot> lots = List.of(lot(), lot(), lot(), lot());
			for (int i = random.nextInt(30); i > 0; i--) {
				lots.get(random.nextInt(4)).take();
				this.clock.advance(Duration.ofMillis(random.nextInt(40)));
			}
			this.clock.advance(Duration.ofMillis(random.nextInt(1500)));
			int granted = 0;
			for (TokenLot lot : lots) {
				while (lot.take().join()) {
					granted++;
				}
			}
			assertThat(granted).isLessThanOrEqualTo((int) BURST);
			this.clock.advance(Duration.ofSeconds(5));
		}
	}

	@Test
	void thoseThatWaitAreServedInTheirOrder() {
		List<CompletableFuture<ConsumptionProbe>> answers = new ArrayList<>();
		AsyncBucketProxy slow = Mockito.mock(AsyncBucketProxy.class);
		BDDMockito.given(slow.tryConsumeAndReturnRemaining(ArgumentMatchers.anyLong())).willAnswer((call) -> {
			CompletableFuture<ConsumptionProbe> answer = new CompletableFuture<>();
			answers.add(answer);
			return answer;
		});
		BDDMockito.given(slow.tryConsumeAsMuchAsPossible(19)).willReturn(CompletableFuture.completedFuture(3L));
		TokenLot lot = new TokenLot(slow, 10, BURST, 0, this.clock::currentTimeNanos);
		List<CompletableFuture<Boolean>> taken = IntStream.range(0, 21).mapToObj((number) -> lot.take()).toList();
		taken.get(1).cancel(false);
		assertThat(answers).hasSize(1);
		answers.get(0).complete(ConsumptionProbe.consumed(50, 0));
		assertThat(taken.get(0)).isCompletedWithValue(true);
		assertThat(taken.get(10)).isCompletedWithValue(true);
		assertThat(taken.get(11)).isNotDone();
		answers.get(1).complete(ConsumptionProbe.rejected(3, 1, 1));
		assertThat(taken.subList(11, 14)).allSatisfy((each) -> assertThat(each).isCompletedWithValue(true));
		assertThat(taken.subList(14, 21)).allSatisfy((each) -> assertThat(each).isCompletedWithValue(false));
	}

	@Test
	void failureIsToldToAllThatWait() {
		CompletableFuture<ConsumptionProbe> answer = new CompletableFuture<>();
		AsyncBucketProxy broken = Mockito.mock(AsyncBucketProxy.class);
		BDDMockito.given(broken.tryConsumeAndReturnRemaining(ArgumentMatchers.anyLong())).willReturn(answer);
		TokenLot lot = new TokenLot(broken, 10, BURST, 0, this.clock::currentTimeNanos);
		List<CompletableFuture<Boolean>> taken = List.of(lot.take(), lot.take());
		answer.completeExceptionally(new IllegalStateException("as the test wants"));
		assertThat(taken).allSatisfy((each) -> assertThat(each).isCompletedExceptionally());
	}

	private TokenLot lot() {
		AsyncBucketProxy proxy = Mockito.mock(AsyncBucketProxy.class);
		BDDMockito.given(proxy.tryConsumeAsMuchAsPossible(ArgumentMatchers.anyLong())).willAnswer((call) -> {
			this.asked++;
			return CompletableFuture.completedFuture(this.bucket.tryConsumeAsMuchAsPossible(call.getArgument(0)));
		});
		BDDMockito.given(proxy.tryConsumeAndReturnRemaining(ArgumentMatchers.anyLong())).willAnswer((call) -> {
			this.asked++;
			return CompletableFuture.completedFuture(this.bucket.tryConsumeAndReturnRemaining(call.getArgument(0)));
		});
		return new TokenLot(proxy, 10, BURST, PER_SECOND / 1e9, this.clock::currentTimeNanos);
	}

	private static final class Clock implements TimeMeter {

		private long nanos;

		void advance(Duration time) {
			this.nanos += time.toNanos();
		}

		@Override
		public long currentTimeNanos() {
			return this.nanos;
		}

		@Override
		public boolean isWallClockBased() {
			return false;
		}

	}

}
