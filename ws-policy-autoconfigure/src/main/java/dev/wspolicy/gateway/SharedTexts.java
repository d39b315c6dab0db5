package dev.wspolicy.gateway;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jspecify.annotations.Nullable;

/**
 * Texts that come with handshake after handshake: names of headers, hosts, browsers,
 * origins, URIs. One copy of each is enough for all sessions. Only those that were seen
 * lately are known, and nothing is kept that no session keeps: some are secrets. Safe
 * from any thread.
 */
final class SharedTexts {

	private static final int SLOTS = 1024;

	/** Each text has one slot that it may stand in; the last one to come has it. */
	private static final AtomicReferenceArray<@Nullable WeakReference<String>> recent = new AtomicReferenceArray<>(
			SLOTS);

	private SharedTexts() {
	}

	/**
	 * Find the copy of a text that is kept already.
	 * @param text a text that is to be kept
	 * @return an equal one, maybe the same
	 */
	static String of(String text) {
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
