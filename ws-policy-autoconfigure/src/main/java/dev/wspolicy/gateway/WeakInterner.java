package dev.wspolicy.gateway;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiPredicate;
import java.util.function.ToIntFunction;

import org.jspecify.annotations.Nullable;

/**
 * Interns immutable values that recur across handshakes, such as header names, hosts,
 * user agents, origins and URIs, so that sessions share one copy. Holds only weak
 * references to recently seen values: some of them are secrets, which must not outlive
 * their session. Thread-safe.
 */
final class WeakInterner<T> {

	private static final int SLOTS = 1024;

	private final ToIntFunction<T> hash;

	private final BiPredicate<T, T> equality;

	/**
	 * Each value maps to one slot, which holds the last value that was stored there.
	 */
	private final AtomicReferenceArray<@Nullable WeakReference<T>> recent = new AtomicReferenceArray<>(SLOTS);

	/**
	 * Creates an interner.
	 * @param hash returns the same hash code for values that are interchangeable
	 * @param equality whether two values are interchangeable
	 */
	WeakInterner(ToIntFunction<T> hash, BiPredicate<T, T> equality) {
		this.hash = hash;
		this.equality = equality;
	}

	/** Return an interner of strings. */
	static WeakInterner<String> ofStrings() {
		return new WeakInterner<>(String::hashCode, String::equals);
	}

	/**
	 * Return the shared copy of a value.
	 * @param value a value that is about to be stored
	 * @return an interchangeable value, possibly the same
	 */
	T intern(T value) {
		int hash = this.hash.applyAsInt(value);
		int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
		WeakReference<T> reference = this.recent.get(slot);
		T known = (reference != null) ? reference.get() : null;
		if (known != null && this.equality.test(known, value)) {
			return known;
		}
		this.recent.set(slot, new WeakReference<>(value));
		return value;
	}

}
