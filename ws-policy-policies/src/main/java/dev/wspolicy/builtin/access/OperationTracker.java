package dev.wspolicy.builtin.access;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the subscriptions that run in one session.
 * <p>
 * A client may use an id again while the upstream's {@code complete} or {@code error} for
 * an earlier operation with that id is in flight, and nothing in that message says which
 * operation it ends. It is attributed to the earlier operation, since a client could
 * otherwise run more subscriptions than are counted. Safe to use from any thread: long
 * messages are evaluated off the event loop.
 */
final class OperationTracker {

	/**
	 * The number of ids without a running subscription that are kept, because the
	 * upstream may still end an operation with that id.
	 */
	static final int MAX_UNCONFIRMED_IDS = 1_000;

	private final Map<OperationKey, Entry> entries = new LinkedHashMap<>();

	private int running;

	/** Whether the messages of the upstream are seen, and with them the ends it sends. */
	private boolean upstreamSeen;

	/**
	 * Begins a subscription unless too many are running.
	 * @param key identifies the subscription
	 * @param max the number of subscriptions that may run
	 * @return whether the subscription may run
	 */
	synchronized boolean tryBeginSubscription(OperationKey key, int max) {
		Entry entry = this.entries.get(key);
		if (entry != null && entry.running) {
			// Upstreams reject the second one or end the first
			entry.unconfirmed += this.upstreamSeen ? 1 : 0;
			return true;
		}
		if (this.running >= max) {
			return false;
		}
		this.entries.computeIfAbsent(key, (added) -> new Entry()).running = true;
		this.running++;
		return true;
	}

	/**
	 * Begins a query or a mutation, which does not count but which the upstream ends in
	 * the same way as a subscription.
	 */
	synchronized void begin(OperationKey key) {
		if (this.upstreamSeen) {
			this.entries.computeIfAbsent(key, (added) -> new Entry()).unconfirmed++;
			limitUnconfirmed();
		}
	}

	/** The client ends an operation. The upstream may have ended it already. */
	synchronized void endByClient(OperationKey key) {
		Entry entry = this.entries.get(key);
		if (entry == null || !entry.running) {
			return;
		}
		entry.running = false;
		this.running--;
		this.entries.remove(key);
		if (this.upstreamSeen) {
			// At the end, as the most recent one
			this.entries.put(key, entry);
			entry.unconfirmed++;
			limitUnconfirmed();
		}
	}

	/** The upstream ends an operation. */
	synchronized void endByUpstream(OperationKey key) {
		Entry entry = this.entries.get(key);
		if (entry == null) {
			return;
		}
		if (entry.unconfirmed > 0) {
			entry.unconfirmed--;
		}
		else {
			entry.running = false;
			this.running--;
		}
		if (!entry.running && entry.unconfirmed == 0) {
			this.entries.remove(key);
		}
	}

	/**
	 * Records that the messages of the upstream are seen.
	 * @return whether an end that the upstream sends has an effect
	 */
	synchronized boolean seesUpstream() {
		this.upstreamSeen = true;
		return !this.entries.isEmpty();
	}

	private void limitUnconfirmed() {
		if (this.entries.size() - this.running <= MAX_UNCONFIRMED_IDS) {
			return;
		}
		Iterator<Entry> eldest = this.entries.values().iterator();
		while (eldest.hasNext()) {
			if (!eldest.next().running) {
				eldest.remove();
				return;
			}
		}
	}

	synchronized int size() {
		return this.entries.size();
	}

	private static final class Entry {

		private boolean running;

		/** The earlier operations that the upstream may still end. */
		private int unconfirmed;

	}

	/**
	 * Identifies an operation by the vocabulary of the subprotocol that the client uses.
	 * An upstream that does not speak the other subprotocol neither begins nor ends a
	 * subscription when it receives a message of that one.
	 *
	 * @param type the type of the message that began the operation
	 * @param id the id that the client chose
	 */
	record OperationKey(String type, String id) {

	}

}
