package dev.wspolicy.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;

import io.github.bucket4j.redis.lettuce.RedisApi;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * What Bucket4j asks of Lettuce, on the connection that everything else uses, too.
 *
 * @param <K> the type of the keys, which are texts; Bucket4j passes them as an array of
 * objects, so it must not be named
 */
final class ReactiveRedisApi<K> implements RedisApi<K> {

	private final ReactiveRedisConnectionFactory connections;

	private final FleetConnection connection;

	private final Duration timeout;

	/**
	 * Creates an API.
	 * @param connections the connections
	 * @param connection tells what commands are written on
	 * @param timeout how long a command may take, so that those that follow it are sent
	 */
	ReactiveRedisApi(ReactiveRedisConnectionFactory connections, FleetConnection connection, Duration timeout) {
		this.connections = connections;
		this.connection = connection;
		this.timeout = timeout;
	}

	@Override
	@SuppressWarnings("unchecked")
	public <V> RedisFuture<V> eval(String script, ScriptOutputType type, K[] keys, byte[][] parameters) {
		if (type != ScriptOutputType.BOOLEAN) {
			throw new IllegalArgumentException("type: " + type + " (expected: BOOLEAN)");
		}
		ByteBuffer[] arguments = Stream
			.concat(Stream.of(keys).map((key) -> bytes(key.toString())), Stream.of(parameters).map(ByteBuffer::wrap))
			.toArray(ByteBuffer[]::new);
		return (RedisFuture<V>) run((connection) -> connection.scriptingCommands()
			.<Boolean>eval(bytes(script), ReturnType.BOOLEAN, keys.length, arguments)
			.next());
	}

	/** Removes what something else has left under this key, on which each would fail. */
	@Override
	public RedisFuture<byte[]> get(K key) {
		ByteBuffer name = bytes(key.toString());
		return run((redis) -> redis.stringCommands()
			.get(name)
			.map(ReactiveRedisApi::bytes)
			.onErrorResume(FleetStore::isForeign,
					(failure) -> redis.keyCommands().unlink(name).then(Mono.error(failure))));
	}

	@Override
	public RedisFuture<?> delete(K key) {
		return run((connection) -> connection.keyCommands().del(bytes(key.toString())));
	}

	/**
	 * Bucket4j goes on when it has been answered, on the thread of Lettuce that reads the
	 * answers. That must not wait for a connection.
	 */
	private <T> RedisFuture<T> run(Function<ReactiveRedisConnection, Mono<T>> command) {
		return new Reply<>(Mono
			.usingWhen(Mono.fromSupplier(this.connections::getReactiveConnection), command,
					ReactiveRedisConnection::closeLater)
			.subscribeOn(this.connection.calls())
			.timeout(this.timeout,
					Mono.error(() -> new TimeoutException("no answer within " + this.timeout.toMillis() + " ms")))
			.contextWrite(FleetCircuit.QUIET));
	}

	private static ByteBuffer bytes(String text) {
		return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

	private static byte[] bytes(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	/**
	 * The reply to a command.
	 */
	private static final class Reply<T> extends CompletableFuture<T> implements RedisFuture<T> {

		Reply(Mono<T> reply) {
			reply.subscribe(this::complete, this::completeExceptionally, () -> complete(null));
		}

		@Override
		public @Nullable String getError() {
			return isCompletedExceptionally() ? "the command has failed" : null;
		}

		@Override
		public boolean await(long timeout, TimeUnit unit) {
			throw new UnsupportedOperationException("Only the asynchronous methods are used");
		}

	}

}
