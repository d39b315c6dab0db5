package dev.wspolicy.gateway;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/**
 * A compact URI for the lifetime of a session. It keeps only the text and parses it on
 * demand, because the components that a parsed {@link URI} holds take several times as
 * much memory as the text. Thread-safe.
 */
final class CompactUri {

	private static final WeakInterner<CompactUri> SHARED = new WeakInterner<>((uri) -> uri.text.hashCode(),
			(uri, other) -> uri.text.equals(other.text));

	private final String text;

	private volatile @Nullable URI parsed;

	private CompactUri(String text, @Nullable URI parsed) {
		this.text = text;
		this.parsed = parsed;
	}

	static CompactUri of(URI uri) {
		return new CompactUri(uri.toString(), uri);
	}

	/** Return a copy without the parsed URI, which all sessions of the URI share. */
	CompactUri compacted() {
		return SHARED.intern(new CompactUri(this.text, null));
	}

	URI get() {
		URI uri = this.parsed;
		if (uri == null) {
			uri = URI.create(this.text);
			this.parsed = uri;
		}
		return uri;
	}

	/**
	 * Return the path without caching the parsed URI, since session lists only need the
	 * path.
	 */
	String path() {
		URI uri = this.parsed;
		return ((uri != null) ? uri : URI.create(this.text)).getRawPath();
	}

	@Override
	public String toString() {
		return this.text;
	}

}
