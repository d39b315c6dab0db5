package dev.wspolicy.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import reactor.core.publisher.Mono;

import dev.wspolicy.fleet.PlaceRequest;

/**
 * The script that counts places. It writes what this gateway has as a number, not as a
 * change of one, so that a call that was lost or that came late does no lasting harm.
 */
final class PlacesScript {

	private static final RedisScript<String> SCRIPT = LoadedScript.of("places.lua");

	private final ReactiveStringRedisTemplate redis;

	private final String prefix;

	private final String channels;

	private final String gateway;

	private final String lease;

	PlacesScript(ReactiveStringRedisTemplate redis, String keyPrefix, String gateway, Duration lease) {
		this(redis, keyPrefix, keyPrefix + "displaced:", gateway, lease);
	}

	PlacesScript(ReactiveStringRedisTemplate redis, String keyPrefix, String channels, String gateway, Duration lease) {
		this.redis = redis;
		this.prefix = keyPrefix + "places:";
		this.channels = channels;
		this.gateway = gateway;
		this.lease = Long.toString(lease.toMillis());
	}

	/** Returns the channel on which this gateway is told the keys to ask for. */
	String channel() {
		return this.channels + this.gateway;
	}

	/**
	 * Returns the key of a message on that channel, on which anything may be published.
	 */
	String key(String message) {
		return message.startsWith(this.prefix) ? message.substring(this.prefix.length()) : "";
	}

	/** Makes Redis know the script, so that the first call takes one round trip. */
	Mono<Void> load() {
		ByteBuffer script = ByteBuffer.wrap(SCRIPT.getScriptAsString().getBytes(StandardCharsets.UTF_8));
		return this.redis.execute((connection) -> connection.scriptingCommands().scriptLoad(script.duplicate())).then();
	}

	Mono<Answer> run(String key, Question question) {
		List<String> arguments = new ArrayList<>(7 + 2 * question.wanted().size());
		arguments.add(this.gateway);
		arguments.add(this.lease);
		arguments.add(Integer.toString(question.count()));
		arguments.add(Long.toString(question.displaced()));
		arguments.add(Long.toString(question.oldest()));
		arguments.add(this.channels);
		arguments.add(question.left());
		for (PlaceRequest wanted : question.wanted()) {
			arguments.add(Integer.toString(wanted.max()));
			arguments.add(wanted.onExceed().name());
		}
		return this.redis.execute(SCRIPT, List.of(this.prefix + key), arguments)
			.next()
			.map(PlacesScript::parse)
			.switchIfEmpty(Mono.error(() -> new IllegalStateException("the script has returned nothing")));
	}

	private static Answer parse(String answer) {
		String[] parts = answer.split(" ", 3);
		return new Answer(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]);
	}

	/**
	 * What this gateway has, and what it wants.
	 *
	 * @param count how many places it has
	 * @param displaced how many of its places it knows to have been given away, or -1 if
	 * it has never been told
	 * @param oldest the time since when it has had its oldest place, or 0
	 * @param left a 1 for each place that Redis may still count although it has been
	 * given back, a 0 for each other, the oldest first
	 * @param wanted the requests for further places
	 */
	record Question(int count, long displaced, long oldest, String left, List<PlaceRequest> wanted) {

	}

	/**
	 * What Redis says.
	 *
	 * @param time the time of Redis in microseconds
	 * @param displaced how many places of this gateway have ever been given away
	 * @param taken a 1 for each request that has its place, a 0 for each that has none
	 */
	record Answer(long time, long displaced, String taken) {

		boolean isTaken(int request) {
			return this.taken.charAt(request) == '1';
		}

	}

}
