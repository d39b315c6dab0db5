package dev.wspolicy.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.MonoSink;

import dev.wspolicy.fleet.OnExceed;
import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.fleet.Place;
import dev.wspolicy.fleet.PlaceRequest;
import dev.wspolicy.redis.PlacesScript.Answer;
import dev.wspolicy.redis.PlacesScript.Question;

/**
 * The places that this gateway has under one key, and the requests for further ones. Only
 * one question about a key is under way at a time; requests that arrive meanwhile are
 * asked together in the next one. What this gateway has is the truth, and Redis is told
 * it with each question.
 * <p>
 * Knows nothing of Redis. Its methods return what is to be done once its lock has been
 * left.
 */
final class CountedPlaces {

	private static final Log logger = LogFactory.getLog(CountedPlaces.class);

	/** How long it is known that no place was free, in nanoseconds. */
	private static final long FULL = TimeUnit.SECONDS.toNanos(1);

	/** Bounds the length of a question. */
	private static final int MAX_WANTED = 100;

	/** How many places are told apart when Redis gives away the oldest ones. */
	private static final int MAX_LEFT = 32;

	private final String key;

	private final OnFailure onFailure;

	/** The approximate time of Redis in microseconds. */
	private final LongSupplier clock;

	private final LongSupplier nanoTime;

	/** The places that sessions have, the oldest first. */
	private final Set<Held> held = new LinkedHashSet<>(2);

	/**
	 * Places that have been given back but that Redis may still count, the first ones. If
	 * it has given such a place to a newer session, no other session must be closed.
	 */
	private final Set<Held> left = new LinkedHashSet<>(0);

	/** Those that the question under way tells Redis of. */
	private Set<Held> leftBefore = Set.of();

	/** The requests that have not been asked yet. */
	private final Deque<Held> waiting = new ArrayDeque<>(2);

	/** The requests of the question that is under way. */
	private List<Held> asked = List.of();

	private boolean asking;

	/** Whether the question that is under way makes Redis count places. */
	private boolean claiming;

	/** Whether Redis may have another number than this gateway. */
	private boolean stale;

	/** How many places this gateway knows to have been given to newer sessions. */
	private long displaced;

	/** Whether Redis has said how many, since this object exists. */
	private boolean known;

	/** When Redis may last have been told of places. */
	private long toldAt;

	private boolean told;

	/** Whether Redis had no place for the last request. */
	private boolean full;

	/** Whether this object has been given up, and another has to be used. */
	private boolean gone;

	CountedPlaces(String key, OnFailure onFailure, LongSupplier clock, LongSupplier nanoTime) {
		this.key = key;
		this.onFailure = onFailure;
		this.clock = clock;
		this.nanoTime = nanoTime;
	}

	String key() {
		return this.key;
	}

	/** Adds a request; returns {@code null} if this object has been given up. */
	synchronized @Nullable Held add(PlaceRequest request, MonoSink<Place> sink, Runnable released) {
		if (this.gone) {
			return null;
		}
		Held held = new Held(request, sink, released);
		this.waiting.add(held);
		return held;
	}

	/** Returns the next question, or {@code null} if there is nothing to ask now. */
	synchronized @Nullable Question next() {
		if (this.asking || (this.waiting.isEmpty() && !this.stale)) {
			giveUpIfUnused();
			return null;
		}
		this.asking = true;
		this.stale = false;
		List<Held> asked = new ArrayList<>(Math.min(this.waiting.size(), MAX_WANTED));
		while (!this.waiting.isEmpty() && asked.size() < MAX_WANTED) {
			asked.add(this.waiting.remove());
		}
		this.asked = asked;
		this.claiming = !asked.isEmpty() || !this.held.isEmpty();
		long oldest = this.held.isEmpty() ? 0 : this.held.iterator().next().since;
		this.leftBefore = Set.copyOf(this.left);
		return new Question(this.held.size(), this.known ? this.displaced : -1, oldest, left(),
				asked.stream().map((each) -> each.request).toList());
	}

	/** Has Redis told the number of places, even if it should know it. */
	synchronized void tellAgain() {
		this.stale = true;
	}

	/** The question that is under way has been answered. */
	synchronized List<Runnable> answered(Answer answer) {
		List<Runnable> effects = new ArrayList<>(this.asked.size());
		for (int i = 0; i < this.asked.size(); i++) {
			Held each = this.asked.get(i);
			if (each.state != State.WAITING) {
				// Decided without Redis, or cancelled.
				this.stale = true;
			}
			else if (answer.isTaken(i)) {
				admit(each, answer.time(), effects);
			}
			else {
				refuse(each, effects);
			}
			this.full = !answer.isTaken(i);
		}
		this.left.removeAll(this.leftBefore);
		if (answer.displaced() != this.displaced) {
			displaceAsTold(answer.displaced() - this.displaced, effects);
			this.displaced = answer.displaced();
			// Redis keeps what it has given away until it is told that this is known.
			this.stale = true;
		}
		this.known = true;
		this.told = this.stale || !this.held.isEmpty();
		this.toldAt = this.nanoTime.getAsLong();
		this.asking = false;
		this.asked = List.of();
		return effects;
	}

	/**
	 * The question that is under way has not been answered.
	 * @param sent whether Redis may have got it
	 * @param leaseNanos the lease of this gateway
	 */
	synchronized List<Runnable> failed(boolean sent, long leaseNanos) {
		List<Runnable> effects = new ArrayList<>(this.asked.size());
		for (Held each : this.asked) {
			if (each.state == State.WAITING) {
				decideAlone(each, effects);
			}
		}
		this.stale = true;
		this.full &= sent;
		if (sent && this.claiming) {
			this.told = true;
			this.toldAt = this.nanoTime.getAsLong();
		}
		else if (this.told && this.nanoTime.getAsLong() - this.toldAt > leaseNanos) {
			// Whatever Redis was told has expired.
			this.told = false;
			this.left.clear();
		}
		if (!this.told && this.held.isEmpty()) {
			this.stale = false;
		}
		this.asking = false;
		this.asked = List.of();
		giveUpIfUnused();
		return effects;
	}

	/** A request has waited for too long. */
	synchronized List<Runnable> expired(Held each) {
		List<Runnable> effects = new ArrayList<>(1);
		if (each.state == State.WAITING) {
			this.waiting.remove(each);
			decideAlone(each, effects);
			this.stale = true;
		}
		return effects;
	}

	/** A request has been cancelled. */
	synchronized void cancelled(Held each) {
		if (each.state == State.WAITING) {
			this.waiting.remove(each);
			over(each);
		}
	}

	private synchronized boolean release(Held each) {
		if (each.state != State.HELD) {
			return false;
		}
		over(each);
		this.held.remove(each);
		if (this.left.size() < MAX_LEFT) {
			this.left.add(each);
		}
		this.stale = true;
		this.full = false;
		return true;
	}

	private void decideAlone(Held each, List<Runnable> effects) {
		PlaceRequest request = each.request;
		if (this.full && request.onExceed() == OnExceed.REFUSE && this.nanoTime.getAsLong() - this.toldAt < FULL) {
			// Redis is slow rather than gone.
			refuse(each, effects);
			return;
		}
		if (this.onFailure == OnFailure.LOCAL && request.onExceed() == OnExceed.CLOSE_OLDEST) {
			displace(this.held.size() - request.max() + 1L, effects);
		}
		if (this.onFailure == OnFailure.LOCAL && this.held.size() < request.max()) {
			admit(each, this.clock.getAsLong(), effects);
		}
		else {
			refuse(each, effects);
		}
	}

	private void admit(Held each, long since, List<Runnable> effects) {
		each.state = State.HELD;
		each.since = since;
		this.held.add(each);
		effects.add(each::emit);
	}

	private void refuse(Held each, List<Runnable> effects) {
		over(each);
		effects.add(each::refuse);
	}

	private void displace(long number, List<Runnable> effects) {
		Iterator<Held> oldest = this.held.iterator();
		for (long i = 0; i < number && oldest.hasNext(); i++) {
			Held each = oldest.next();
			oldest.remove();
			over(each);
			effects.add(each::displace);
			// Redis does not know since when this gateway has the next one.
			this.stale = true;
		}
	}

	/** Displaces the oldest places, unless they have been given back meanwhile. */
	private void displaceAsTold(long number, List<Runnable> effects) {
		long remaining = number;
		Iterator<Held> left = oldestFirst(this.left).iterator();
		while (remaining > 0 && left.hasNext()) {
			Held next = left.next();
			long older = this.held.stream().limit(remaining).filter((each) -> each.since < next.since).count();
			if (older == remaining) {
				break;
			}
			displace(older, effects);
			this.left.remove(next);
			remaining -= older + 1;
		}
		displace(remaining, effects);
	}

	private static List<Held> oldestFirst(Collection<Held> places) {
		return places.stream().sorted(Comparator.comparingLong((each) -> each.since)).toList();
	}

	/** Describes the oldest places: a 1 for those that have been given back. */
	private String left() {
		if (this.left.isEmpty()) {
			return "";
		}
		List<Held> oldest = oldestFirst(Stream.concat(this.left.stream(), this.held.stream().limit(MAX_LEFT)).toList());
		return oldest.stream()
			.limit(MAX_LEFT)
			.map((each) -> this.left.contains(each) ? "1" : "0")
			.collect(Collectors.joining());
	}

	private static void over(Held each) {
		each.state = State.OVER;
	}

	/** Whether requests wait for a question. */
	synchronized boolean isAwaited() {
		return !this.waiting.isEmpty();
	}

	/** Whether a question is under way or due. */
	synchronized boolean isAsking() {
		return this.asking || this.stale;
	}

	synchronized boolean isInUse() {
		return !this.held.isEmpty();
	}

	synchronized boolean isGone() {
		return this.gone;
	}

	private void giveUpIfUnused() {
		if (!this.asking && !this.stale && this.held.isEmpty() && this.waiting.isEmpty()) {
			this.gone = true;
		}
	}

	private enum State {

		/** Neither granted nor refused. */
		WAITING,

		/** Granted, and counted. */
		HELD,

		/** Refused, cancelled, given back or displaced. */
		OVER

	}

	/**
	 * A request, which becomes a place. Compared by identity.
	 */
	final class Held implements Place {

		private final PlaceRequest request;

		private final Runnable released;

		/** Null once the request has been decided. */
		private @Nullable MonoSink<Place> sink;

		/** Ends the waiting; null once the request has been decided. */
		private @Nullable Disposable timer;

		private State state = State.WAITING;

		private long since;

		Held(PlaceRequest request, MonoSink<Place> sink, Runnable released) {
			this.request = request;
			this.sink = sink;
			this.released = released;
		}

		void expireWith(Disposable timer) {
			synchronized (CountedPlaces.this) {
				if (this.state == State.WAITING) {
					this.timer = timer;
					return;
				}
			}
			timer.dispose();
		}

		private void emit() {
			MonoSink<Place> sink = decided();
			if (sink != null) {
				sink.success(this);
			}
		}

		private void refuse() {
			MonoSink<Place> sink = decided();
			if (sink != null) {
				sink.success();
			}
		}

		private @Nullable MonoSink<Place> decided() {
			MonoSink<Place> sink;
			Disposable timer;
			synchronized (CountedPlaces.this) {
				sink = this.sink;
				timer = this.timer;
				this.sink = null;
				this.timer = null;
			}
			if (timer != null) {
				timer.dispose();
			}
			return sink;
		}

		private void displace() {
			try {
				this.request.displaced().run();
			}
			catch (RuntimeException ex) {
				logger.warn("Failed to displace a session that is counted as '" + CountedPlaces.this.key + "'", ex);
			}
		}

		@Override
		public void release() {
			if (CountedPlaces.this.release(this)) {
				this.released.run();
			}
		}

	}

}
