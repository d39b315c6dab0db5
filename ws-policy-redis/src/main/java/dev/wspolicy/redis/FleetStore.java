package dev.wspolicy.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import reactor.core.publisher.Mono;

/**
 * Calls Redis for the directory, the commands and the revocations. Safe from any thread,
 * but the first call on a connection may block while it connects, so that callers use
 * threads that may be blocked.
 */
final class FleetStore {

	private static final Log logger = LogFactory.getLog(FleetStore.class);

	private final ReactiveRedisConnectionFactory connections;

	private final ReactiveStringRedisTemplate redis;

	private final FleetCircuit circuit;

	private final FleetKeys keys;

	private final FleetTimeouts timeouts;

	private final AtomicReference<Live> live = new AtomicReference<>(new Live(List.of()));

	FleetStore(ReactiveRedisConnectionFactory connections, FleetCircuit circuit, FleetKeys keys,
			FleetTimeouts timeouts) {
		this.connections = connections;
		this.redis = new ReactiveStringRedisTemplate(connections);
		this.circuit = circuit;
		this.keys = keys;
		this.timeouts = timeouts;
	}

	FleetTimeouts timeouts() {
		return this.timeouts;
	}

	ReactiveRedisConnectionFactory connections() {
		return this.connections;
	}

	ReactiveStringRedisTemplate redis() {
		return this.redis;
	}

	FleetKeys keys() {
		return this.keys;
	}

	/** Runs a script, and fails if Redis fails, is late, or is not asked. */
	Mono<String> run(FleetScript script, List<String> keys, List<String> arguments) {
		return call(keys,
				Mono.defer(() -> this.redis.execute(script.script(), keys, arguments)
					.next()
					.switchIfEmpty(Mono.error(() -> new IllegalStateException(script + ": no answer")))));
	}

	Mono<String> run(FleetScript script, String key, List<String> arguments) {
		return run(script, List.of(key), arguments);
	}

	Mono<String> run(FleetScript script, String key, String... arguments) {
		return run(script, List.of(key), List.of(arguments));
	}

	/** Runs a script on the sessions of a gateway, and on their order. */
	Mono<String> runOnSessions(FleetScript script, String gateway, List<String> arguments) {
		return run(script, List.of(this.keys.sessions(gateway), this.keys.order(gateway)), arguments);
	}

	/** Makes a call on a key, and fails if Redis fails, is late, or is not asked. */
	<T> Mono<T> call(String key, Mono<T> call) {
		return call(List.of(key), call);
	}

	/**
	 * If something else has left a key of this name, on which every call would fail, this
	 * one fails, and the key is removed.
	 */
	private <T> Mono<T> call(List<String> keys, Mono<T> call) {
		return this.circuit.call(
				() -> call.onErrorResume(FleetStore::isForeign, (failure) -> remove(keys).then(Mono.error(failure))),
				Mono::error);
	}

	/** Whether a key has been found to be of another type than expected. */
	static boolean isForeign(Throwable failure) {
		String answer = NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
		return answer != null && answer.contains("WRONGTYPE");
	}

	private Mono<Long> remove(List<String> keys) {
		logger.warn("Removing " + keys + " from Redis, because one of them has been used for something else");
		return this.redis.unlink(keys.toArray(String[]::new));
	}

	/** Whether Redis answers, as far as is known. */
	boolean isAvailable() {
		return this.circuit.isClosed();
	}

	/** Reads the live gateways. */
	Mono<Live> readLive() {
		return run(FleetScript.LIVE, this.keys.gateways()).map(this::remember);
	}

	/** Renews a lease, and reads the live gateways. */
	Mono<Live> join(String gateway, long lease) {
		return run(FleetScript.JOIN, this.keys.gateways(), gateway, Long.toString(lease)).map(this::remember);
	}

	private Live remember(String answer) {
		String[] words = answer.split(" ");
		this.circuit.clock().tell(Long.parseLong(words[0]));
		Live read = new Live(new ArrayList<>(List.of(words).subList(1, words.length)));
		this.live.set(read);
		return read;
	}

	/** Returns the live gateways when they were last read. */
	Live lastLive() {
		return Objects.requireNonNull(this.live.get());
	}

	/** Returns the time of Redis in milliseconds, or {@code null} if it is unknown. */
	@Nullable Long now() {
		FleetClock clock = this.circuit.clock();
		return clock.isKnown() ? TimeUnit.NANOSECONDS.toMillis(clock.nanos()) : null;
	}

	/**
	 * The live gateways.
	 *
	 * @param names their names
	 */
	record Live(List<String> names) {

		Live {
			names = names.stream().sorted().toList();
		}

		List<String> others(String gateway) {
			return this.names.stream().filter((name) -> !name.equals(gateway)).toList();
		}

	}

}
