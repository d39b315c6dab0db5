package dev.wspolicy.gateway;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/**
 * A URI that is kept for as long as a session lives, and seldom read: its text alone,
 * until somebody asks for more. The parts that a {@link URI} keeps beside it are several
 * times as large. Safe from any thread.
 */
final class CompactUri {

	private final String text;

	private volatile @Nullable URI parsed;

	private CompactUri(String text, @Nullable URI parsed) {
		this.text = text;
		this.parsed = parsed;
	}

	static CompactUri of(URI uri) {
		return new CompactUri(uri.toString(), uri);
	}

	/** A copy that is as small as can be. */
	CompactUri compacted() {
		return new CompactUri(SharedTexts.of(this.text), null);
	}

	URI get() {
		URI uri = this.parsed;
		if (uri == null) {
			uri = URI.create(this.text);
			this.parsed = uri;
		}
		return uri;
	}

	/** The path, which lists of sessions show: not worth keeping the rest for. */
	String path() {
		URI uri = this.parsed;
		return ((uri != null) ? uri : URI.create(this.text)).getRawPath();
	}

	@Override
	public String toString() {
		return this.text;
	}

}
