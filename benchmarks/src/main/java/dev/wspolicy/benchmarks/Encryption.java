package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Which legs of the sessions are encrypted.
 */
enum Encryption {

	NONE, CLIENT, BOTH;

	static Encryption parse(String value) {
		return switch (value) {
			case "none" -> NONE;
			case "client" -> CLIENT;
			case "both" -> BOTH;
			default -> throw new IllegalArgumentException("'--tls=" + value + "' (expected: none, client or both)");
		};
	}

	@Nullable Tls create(Path directory, boolean resumption) throws IOException, InterruptedException {
		return (this != NONE) ? Tls.create(directory, this == BOTH, resumption) : null;
	}

}
