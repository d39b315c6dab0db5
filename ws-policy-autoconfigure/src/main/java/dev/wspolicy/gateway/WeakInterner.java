package dev.wspolicy.gateway;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jspecify.annotations.Nullable;

/**
 * Interns strings that recur across handshakes, such as header names, hosts, user agents,
 * origins and URIs, so that sessions share one copy. Holds only weak references to
 * recently seen strings: some of them are secrets, which must not outlive their session.
 * Thread-safe.
 */
final class WeakInterner {

	private static final int SLOTS = 1024;

	/**
	 * Each string maps to one slot, which holds the last string that was stored there.
	 */
	private static final AtomicReferenceArray<@Nullable WeakReference<String>> recent = new AtomicReferenceArray<>(
			SLOTS);

	private WeakInterner() {
	}

	/**
	 * Return the shared copy of a string.
	 * @param text a string that is about to be stored
	 * @return an equal string, possibly the same
	 */
	static String intern(String text) {
		int hash = text.hashCode();
		int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
		WeakReference<String> reference = recent.get(slot);
		String known = (reference != null) ? reference.get() : null;
		if (known != null && known.equals(text)) {
			return known;
		}
		recent.set(slot, new WeakReference<>(text));
		return text;
	}

}
