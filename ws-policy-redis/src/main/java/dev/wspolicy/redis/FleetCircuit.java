package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Bounds what one {@link FleetUse use} of Redis waits for it: each call by a timeout, and
 * all calls by a circuit breaker, which opens after repeated failures and then lets a few
 * calls through to see whether Redis is back. If there are none to let through, it pings
 * Redis. While there is no connection, no call is let through. Logs one line for each
 * change. Safe from any thread.
 */
final class FleetCircuit {

	private static final Log logger = LogFactory.getLog(FleetCircuit.class);

	/** How many calls are judged together. */
	private static final int WINDOW = 20;

	/** Few enough for a gateway with little traffic. */
	private static final int MIN_CALLS = 5;

	private static final int TRIALS = 3;

	private static final Duration PAUSE = Duration.ofSeconds(1);

	/** How many seconds pass between two probes at most. */
	private static final int MAX_PROBE_SECONDS = 60;

	/** A circuit that opens again so soon should not have been closed. */
	private static final Duration SOON = Duration.ofSeconds(60);

	/** Of an answer that comes too late, nobody is told that it is a failure. */
	static final Context QUIET = Context.of("reactor.onErrorDropped.local",
			(Consumer<Throwable>) (failure) -> logger.debug("Redis failed after the timeout", failure));

	private final FleetUse use;

	private final Duration timeout;

	private final FleetConnection connection;

	private final CircuitBreaker breaker;

	private final List<Runnable> recoveries = new CopyOnWriteArrayList<>();

	/** The last failure, for the log. */
	private volatile @Nullable Throwable failure;

	/** Whether calls have been made since the last probe, which may close the circuit. */
	private volatile boolean called;

	/** How many seconds pass between two probes. */
	private volatile int probeSeconds = 1;

	/** How many of them have passed. Confined to the probes. */
	private int passedSeconds;

	private volatile long closedAt = System.nanoTime() - SOON.toNanos();

	/** Whether it has been logged that this gateway acts alone. */
	private final AtomicBoolean alone = new AtomicBoolean();

	/**
	 * Creates a closed circuit.
	 * @param use what the calls are for
	 * @param timeout how long a call may take
	 * @param connection the connection of the calls
	 */
	FleetCircuit(FleetUse use, Duration timeout, FleetConnection connection) {
		this.use = use;
		this.timeout = timeout;
		this.connection = connection;
		this.breaker = CircuitBreaker.of("ws-policy-fleet-" + use.label(),
				CircuitBreakerConfig.custom()
					.slidingWindow(WINDOW, MIN_CALLS, SlidingWindowType.COUNT_BASED,
							SlidingWindowSynchronizationStrategy.LOCK_FREE)
					.failureRateThreshold(50)
					.waitDurationInOpenState(PAUSE)
					.permittedNumberOfCallsInHalfOpenState(TRIALS)
					.ignoreExceptions(NotConnectedException.class)
					.build());
		this.breaker.getEventPublisher().onStateTransition((event) -> changed(event.getStateTransition()));
		connection.everySecond(this::probe);
	}

	/**
	 * Closes an open circuit without calls: a gateway whose sessions ask nothing would
	 * otherwise count as alone until they do, and make the first of them decide so. Redis
	 * may answer a ping although it fails all calls, for example if its memory is full.
	 * So probes become rarer if calls fail after them.
	 */
	private void probe() {
		boolean called = this.called;
		this.called = false;
		if (called || this.breaker.getState() == State.CLOSED) {
			this.passedSeconds = 0;
		}
		else if (++this.passedSeconds >= this.probeSeconds) {
			this.passedSeconds = 0;
			guard(this.connection::ping, (failure) -> Mono.empty()).repeat(TRIALS - 1).subscribe();
		}
	}

	private void changed(StateTransition transition) {
		State state = transition.getToState();
		if (transition == StateTransition.CLOSED_TO_OPEN) {
			boolean soon = System.nanoTime() - this.closedAt < SOON.toNanos();
			this.probeSeconds = soon ? Math.min(2 * this.probeSeconds, MAX_PROBE_SECONDS) : 1;
		}
		if (state == State.OPEN && this.alone.compareAndSet(false, true)) {
			logger.warn("Redis does not answer for " + this.use.label()
					+ ": this gateway acts alone there until it does (" + reason() + ")");
		}
		else if (state == State.CLOSED) {
			this.closedAt = System.nanoTime();
			if (this.alone.compareAndSet(true, false)) {
				logger
					.info("Redis answers again for " + this.use.label() + ": this gateway acts with the others there");
			}
			this.recoveries.forEach(Runnable::run);
		}
	}

	/**
	 * Calls Redis. The caller's thread neither blocks nor writes the command.
	 * @param <T> the type of the answer
	 * @param redis makes the call
	 * @param otherwise supplies the answer if Redis fails, is late, or is not asked
	 * @return the answer
	 */
	<T> Mono<T> call(Supplier<Mono<T>> redis, Function<Throwable, Mono<T>> otherwise) {
		this.called = true;
		return guard(redis, otherwise);
	}

	private <T> Mono<T> guard(Supplier<Mono<T>> redis, Function<Throwable, Mono<T>> otherwise) {
		return Mono.defer(() -> this.connection.isOpen() ? redis.get() : Mono.error(NotConnectedException.INSTANCE))
			.subscribeOn(this.connection.calls())
			.timeout(this.timeout,
					Mono.error(() -> new TimeoutException("no answer within " + this.timeout.toMillis() + " ms")))
			.doOnError(this::failed)
			.transformDeferred(CircuitBreakerOperator.of(this.breaker))
			.onErrorResume(otherwise)
			.contextWrite(QUIET);
	}

	/** What Redis has said, rather than what others make of it. */
	private @Nullable Throwable reason() {
		Throwable failure = this.failure;
		return (failure != null) ? NestedExceptionUtils.getMostSpecificCause(failure) : null;
	}

	private void failed(Throwable failure) {
		this.failure = failure;
		this.connection.failed(failure);
	}

	/** Whether an error means that Redis was not even asked. */
	static boolean isOpen(Throwable failure) {
		return failure instanceof CallNotPermittedException || failure instanceof NotConnectedException;
	}

	/** Whether Redis answers, as far as is known. */
	boolean isClosed() {
		return this.connection.isOpen() && this.breaker.getState() == State.CLOSED;
	}

	/** Returns the clock of Redis. */
	FleetClock clock() {
		return this.connection.clock();
	}

	FleetUse use() {
		return this.use;
	}

	/**
	 * Adds what has to be done when Redis is back.
	 * @param recovery called on any thread; must not block
	 */
	void onRecovery(Runnable recovery) {
		this.recoveries.add(recovery);
		this.connection.onOpen(recovery);
	}

	/**
	 * There is no connection yet.
	 */
	private static final class NotConnectedException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private static final NotConnectedException INSTANCE = new NotConnectedException();

		NotConnectedException() {
			super("there is no connection to Redis yet", null, false, false);
		}

	}

}
