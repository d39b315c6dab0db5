package dev.wspolicy.redis;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Closes connections to Redis, and waits only so long for Lettuce. Its shutdown has no
 * timeout, and now and then does not end on a cluster
 * (<a href="https://github.com/redis/lettuce/issues/2278">Lettuce issue 2278</a>).
 */
final class RedisConnections {

	private static final Log logger = LogFactory.getLog(RedisConnections.class);

	/** Many times as long as it takes on a busy machine. */
	private static final Duration PATIENCE = Duration.ofSeconds(15);

	private RedisConnections() {
	}

	/** Closes the connections of a test. */
	static void close(LettuceConnectionFactory connections) {
		Thread closing = new Thread(connections::destroy, "close-redis");
		closing.setDaemon(true);
		closing.start();
		try {
			closing.join(PATIENCE.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (closing.isAlive()) {
			logger.warn("Lettuce is still closing its connections after " + PATIENCE.toSeconds() + " s");
		}
	}

}
