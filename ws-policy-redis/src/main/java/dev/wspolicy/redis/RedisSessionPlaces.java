package dev.wspolicy.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReactiveSubscription.Message;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.ReactiveRedisMessageListenerContainer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.fleet.SessionPlaces;
import dev.wspolicy.redis.CountedPlaces.Held;
import dev.wspolicy.redis.PlacesScript.Answer;
import dev.wspolicy.redis.PlacesScript.Question;

/**
 * Counts the sessions of all gateways, in Redis. Each key is a hash with the number of
 * places of each gateway, under a lease that the gateway renews. While Redis cannot be
 * reached, this gateway decides by its own places, and tells Redis of them later.
 */
final class RedisSessionPlaces implements SessionPlaces, SmartLifecycle, AutoCloseable {

	/** Starts after the connection, and stops before it. */
	private static final int PHASE = FleetConnection.PHASE + 1;

	private static final Log logger = LogFactory.getLog(RedisSessionPlaces.class);

	/**
	 * The number of renewals in flight: enough for a distant Redis, and few enough that a
	 * busy one answers all of them in time.
	 */
	private static final int CONCURRENCY = 2048;

	/** The leases are renewed in steps, so that upgrades do not wait behind them. */
	private static final Duration STEP = Duration.ofMillis(10);

	/** How many leases are renewed in a step at least. */
	private static final int MIN_RENEWALS = 32;

	/** How long this gateway gives its places back when it stops. */
	private static final Duration LEAVE = Duration.ofSeconds(1);

	private final FleetCircuit circuit;

	private final PlacesScript script;

	private final ReactiveRedisConnectionFactory connections;

	private final OnFailure onFailure;

	private final Duration timeout;

	private final Duration lease;

	private final Map<String, CountedPlaces> counted = new ConcurrentHashMap<>();

	private volatile Disposable.@Nullable Composite running;

	/** What the clock of Redis is ahead of the one of this process, in microseconds. */
	private volatile long clockOffset = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) - nanoMicros();

	RedisSessionPlaces(ReactiveRedisConnectionFactory connections, FleetCircuit circuit, FleetProperties properties) {
		this.circuit = circuit;
		this.connections = connections;
		this.script = new PlacesScript(new ReactiveStringRedisTemplate(connections), properties.keyPrefix(),
				Objects.requireNonNull(properties.gateway()), properties.lease());
		this.onFailure = properties.onFailure();
		this.timeout = properties.timeout();
		this.lease = properties.lease();
		circuit.onRecovery(this::tellAnew);
	}

	/** Begins to renew the leases and to listen to the other gateways. */
	@Override
	public void start() {
		Disposable.Composite running = Disposables.composite();
		this.running = running;
		Duration third = this.lease.dividedBy(3);
		running.add(Flux.interval(third).onBackpressureDrop().concatMap((tick) -> tellAll(), 1).subscribe((done) -> {
		}, (failure) -> logger.error("The leases of places are renewed no more", failure)));
		// Nothing is lost if a message is: the next renewal tells the same. But leases
		// may be long.
		running.add(listen().subscribeOn(Schedulers.boundedElastic())
			.retryWhen(Retry.fixedDelay(Long.MAX_VALUE, FleetConnection.PAUSE))
			.subscribe(this::displaced, (failure) -> logger.error("Other gateways are listened to no more", failure)));
		tellAnew();
	}

	/** When this gateway stops, the connection may have been closed already. */
	private Flux<? extends Message<String, String>> listen() {
		return Flux
			.usingWhen(Mono.fromSupplier(() -> new ReactiveRedisMessageListenerContainer(this.connections)),
					(container) -> container.receive(ChannelTopic.of(this.script.channel())),
					(container) -> container.destroyLater().onErrorComplete())
			.contextWrite(FleetCircuit.QUIET);
	}

	/** Tells a Redis that may know nothing. */
	private void tellAnew() {
		this.circuit.call(this.script::load, (failure) -> Mono.empty())
			.then(Mono.defer(this::tellAll))
			.subscribe((done) -> {
			}, (failure) -> logger.error("Failed to tell Redis of the places of this gateway", failure));
	}

	private void displaced(Message<String, String> message) {
		CountedPlaces places = this.counted.get(this.script.key(message.getMessage()));
		if (places != null) {
			places.tellAgain();
			proceed(places);
		}
	}

	@Override
	public Mono<Place> take(PlaceRequest request) {
		return Mono.<Place>create((sink) -> take(request, sink)).doOnDiscard(Place.class, Place::release);
	}

	private void take(PlaceRequest request, MonoSink<Place> sink) {
		CountedPlaces places;
		Held held;
		do {
			places = this.counted.computeIfAbsent(request.key(),
					(key) -> new CountedPlaces(key, this.onFailure, this::time, System::nanoTime));
			CountedPlaces chosen = places;
			held = places.add(request, sink, () -> proceed(chosen));
			if (held == null) {
				// Whoever has given it up may only remove it after this, on this thread
				this.counted.remove(request.key(), places);
			}
		}
		while (held == null);
		CountedPlaces chosen = places;
		Held added = held;
		held.expireWith(Schedulers.parallel()
			.schedule(() -> run(chosen.expired(added)), this.timeout.toNanos(), TimeUnit.NANOSECONDS));
		sink.onCancel(() -> chosen.cancelled(added));
		proceed(chosen);
	}

	/** Asks Redis what is to be asked about a key now, if anything. */
	private void proceed(CountedPlaces places) {
		Mono<Void> asking = ask(places);
		if (asking != null) {
			asking.subscribe((done) -> {
			}, (failure) -> logger.error("Failed to count the places of '" + places.key() + "'", failure));
		}
	}

	private @Nullable Mono<Void> ask(CountedPlaces places) {
		Question question = places.next();
		if (question == null) {
			removeIfGone(places);
			return null;
		}
		return this.circuit.call(() -> this.script.run(places.key(), question), Mono::error)
			.doOnNext((answer) -> answered(places, answer))
			.onErrorResume((failure) -> {
				failed(places, failure);
				return Mono.empty();
			})
			.then();
	}

	private void answered(CountedPlaces places, Answer answer) {
		this.clockOffset = answer.time() - nanoMicros();
		run(places.answered(answer));
		proceed(places);
	}

	private void failed(CountedPlaces places, Throwable failure) {
		if (logger.isDebugEnabled() && !FleetCircuit.isOpen(failure)) {
			logger.debug("Redis has not counted the places of a key", failure);
		}
		run(places.failed(!FleetCircuit.isOpen(failure), this.lease.toNanos()));
		if (places.isAwaited()) {
			proceed(places);
		}
		else {
			removeIfGone(places);
		}
	}

	private void removeIfGone(CountedPlaces places) {
		if (places.isGone()) {
			this.counted.remove(places.key(), places);
		}
	}

	/** Each has to be told, whatever others make of what they are told. */
	private static void run(List<Runnable> effects) {
		for (Runnable effect : effects) {
			try {
				effect.run();
			}
			catch (Throwable ex) {
				logger.error("Failed to tell a session of its place", ex);
			}
		}
	}

	/** Tells Redis of all places of this gateway, which renews their leases. */
	private Mono<Void> tellAll() {
		return Flux.defer(() -> {
			List<CountedPlaces> all = List.copyOf(this.counted.values());
			// Within three quarters of the time until the next renewal
			long steps = Math.max(1, this.lease.dividedBy(4).dividedBy(STEP));
			int each = (int) Math.max(MIN_RENEWALS, (all.size() + steps - 1) / steps);
			return Flux.fromIterable(all)
				.buffer(each)
				.zipWith(Flux.interval(Duration.ZERO, STEP).onBackpressureDrop(), (part, tick) -> part)
				.concatMapIterable(Function.identity());
		}).flatMap(this::tell, CONCURRENCY).then();
	}

	private Mono<Void> tell(CountedPlaces places) {
		places.tellAgain();
		Mono<Void> asking = ask(places);
		return (asking != null) ? asking : Mono.empty();
	}

	/** Tells Redis that this gateway has no places any more. */
	private Mono<Void> giveBackAll() {
		Question none = new Question(0, -1, 0, "", List.of());
		return Flux.fromIterable(List.copyOf(this.counted.keySet()))
			.flatMap((key) -> this.circuit.call(() -> this.script.run(key, none), (failure) -> Mono.empty()),
					CONCURRENCY)
			.then();
	}

	private long time() {
		return nanoMicros() + this.clockOffset;
	}

	private static long nanoMicros() {
		return TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
	}

	@Override
	public int size() {
		return (int) this.counted.values().stream().filter(CountedPlaces::isInUse).count();
	}

	/** Returns the number of keys that this gateway remembers. */
	int keys() {
		return this.counted.size();
	}

	/** Whether any answer of Redis is awaited. */
	boolean isAsking() {
		return this.counted.values().stream().anyMatch(CountedPlaces::isAsking);
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	/**
	 * Gives the places back. Sessions have ended by then, but their places may not have
	 * been given back yet.
	 */
	@Override
	public void stop(Runnable callback) {
		close();
		giveBackAll().timeout(LEAVE).doFinally((signal) -> callback.run()).subscribe((done) -> {
		}, (failure) -> logger.debug("Some places are free when their leases have ended", failure));
	}

	@Override
	public boolean isRunning() {
		return this.running != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/** Ends without giving places back. */
	@Override
	public void close() {
		Disposable.Composite running = this.running;
		this.running = null;
		if (running != null) {
			running.dispose();
		}
	}

}
