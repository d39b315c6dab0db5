package dev.wspolicy.netty;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Names for sessions that nobody can guess: 128 random bits. Seeded once, where blocking
 * does no harm; after that no name waits for the operating system. Safe from any thread.
 */
final class SessionIds {

	private final SecureRandom random;

	SessionIds() {
		try {
			this.random = SecureRandom.getInstance("DRBG");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JDK has DRBG", ex);
		}
		// The seed is drawn at first use.
		next();
	}

	String next() {
		byte[] bytes = new byte[16];
		this.random.nextBytes(bytes);
		return HexFormat.of().formatHex(bytes);
	}

}
