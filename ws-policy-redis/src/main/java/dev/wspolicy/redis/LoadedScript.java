package dev.wspolicy.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * A script that returns a text. Read once, so that running it reads no file and takes no
 * lock on an event loop.
 *
 * @param getScriptAsString the script
 * @param getSha1 its digest
 */
record LoadedScript(String getScriptAsString, String getSha1) implements RedisScript<String> {

	static LoadedScript of(String resource) {
		try {
			byte[] script = new ClassPathResource(resource, LoadedScript.class).getContentAsByteArray();
			return new LoadedScript(new String(script, StandardCharsets.UTF_8), sha1(script));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Redis knows scripts by this digest, which protects nothing. */
	private static String sha1(byte[] script) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(script));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("SHA-1 is not available", ex);
		}
	}

	@Override
	public Class<String> getResultType() {
		return String.class;
	}

}
