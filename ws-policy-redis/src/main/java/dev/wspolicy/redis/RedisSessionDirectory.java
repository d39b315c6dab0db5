package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.LocalGateway;
import dev.wspolicy.fleet.Reach;
import dev.wspolicy.fleet.SessionCursor;
import dev.wspolicy.fleet.SessionDirectory;
import dev.wspolicy.fleet.SessionEntry;
import dev.wspolicy.fleet.SessionList;
import dev.wspolicy.fleet.SessionPage;
import dev.wspolicy.fleet.SessionQuery;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.session.ClientAddress;

/**
 * Reads what the gateways have written about themselves. This gateway's own sessions come
 * from memory, so that they are listed even if Redis does not answer.
 */
final class RedisSessionDirectory implements SessionDirectory {

	/** How many gateways are read at once. */
	private static final int CONCURRENCY = 8;

	/** Few enough not to hold up others in Redis, and enough to read many in time. */
	private static final String SCAN_COUNT = "1000";

	private final LocalGateway gateway;

	private final FleetStore store;

	RedisSessionDirectory(LocalGateway gateway, FleetStore store) {
		this.gateway = gateway;
		this.store = store;
	}

	@Override
	public Mono<List<FleetGateway>> gateways() {
		return others()
			.flatMap((others) -> Flux.fromIterable(others.names())
				.flatMap((name) -> others.isReachable() ? state(name) : Mono.just(FleetGateway.unreachable(name)),
						CONCURRENCY)
				.concatWith(Mono.fromSupplier(this.gateway::describe))
				.sort(Comparator.comparing(FleetGateway::name))
				.collectList())
			.subscribeOn(Schedulers.boundedElastic());
	}

	private Mono<FleetGateway> state(String name) {
		return this.store.run(FleetScript.STATE, this.store.keys().sessions(name))
			.map((answer) -> gateway(name, answer))
			.onErrorReturn(FleetGateway.unreachable(name));
	}

	private FleetGateway gateway(String name, String answer) {
		String[] words = answer.split(" ", 3);
		if (words.length < 3) {
			return FleetGateway.unreachable(name);
		}
		Long now = this.store.now();
		Duration lag = Duration.ofMillis((now != null) ? Math.max(0, now - Long.parseLong(words[1])) : 0);
		return FleetCodec.readGateway(name, words[2], Integer.parseInt(words[0]), lag);
	}

	@Override
	public Mono<SessionList> list(SessionQuery query) {
		return others()
			.flatMap((others) -> Flux.fromIterable(others.names())
				.flatMap((name) -> others.isReachable() ? read(name, query) : Mono.just(Part.none(name)), CONCURRENCY)
				.concatWith(Mono.fromSupplier(() -> Part.of(this.gateway.name(), this.gateway.list(query))))
				.collectList()
				.map((parts) -> merge(parts, query)))
			.subscribeOn(Schedulers.boundedElastic());
	}

	private Mono<Part> read(String name, SessionQuery query) {
		return query.selector().isEmpty() ? readPage(name, query) : search(name, query);
	}

	/** Reads no more than the page, however many sessions there are. */
	private Mono<Part> readPage(String name, SessionQuery query) {
		SessionCursor after = query.after();
		String begin = (after != null) ? "(" + FleetCodec.place(after) : "-";
		return this.store.runOnSessions(FleetScript.PAGE, name, List.of(begin, Integer.toString(query.limit() + 1)))
			.publishOn(Schedulers.boundedElastic())
			.map((answer) -> page(name, answer, query.limit()))
			.onErrorReturn(Part.none(name));
	}

	private static Part page(String gateway, String answer, int limit) {
		String[] lines = answer.split("\n");
		String[] head = lines[0].split(" ");
		List<Listed> sessions = new ArrayList<>();
		for (int i = 1; i + 1 < lines.length; i += 2) {
			Listed session = Listed.of(gateway, lines[i], lines[i + 1]);
			if (session != null) {
				sessions.add(session);
			}
		}
		boolean more = sessions.size() > limit;
		List<Listed> first = more ? sessions.subList(0, limit) : sessions;
		SessionCursor next = more ? first.get(limit - 1).cursor() : null;
		return new Part(gateway, new SessionPage<>(first, Integer.parseInt(head[0]), next), head[1].equals("1"));
	}

	/** Reads those that match of all sessions, to know how many they are. */
	private Mono<Part> search(String name, SessionQuery query) {
		return Mono.defer(() -> {
			Search search = new Search(name, query);
			return search(search, "0").timeout(this.store.timeouts().read())
				.then(Mono.fromSupplier(() -> search.part(true)))
				.onErrorResume((failure) -> Mono.fromSupplier(() -> search.part(false)));
		});
	}

	private Mono<String> search(Search search, String cursor) {
		return this.store.run(FleetScript.SEARCH, this.store.keys().sessions(search.gateway), search.arguments(cursor))
			.publishOn(Schedulers.boundedElastic())
			.map(search::offer)
			.flatMap((next) -> next.equals("0") ? Mono.empty() : search(search, next));
	}

	private static SessionList merge(List<Part> parts, SessionQuery query) {
		SessionPage<Listed> page = SessionPage.merge(parts.stream().map(Part::page).toList(), Listed::cursor,
				query.limit());
		return new SessionList(new SessionPage<>(entries(page), page.total(), page.next()), reach(parts));
	}

	private static List<SessionEntry> entries(SessionPage<Listed> page) {
		return page.sessions().stream().map(Listed::read).filter(Objects::nonNull).toList();
	}

	private static Reach reach(List<Part> parts) {
		return new Reach(parts.stream().filter(Part::complete).map(Part::gateway).toList(),
				parts.stream().filter((part) -> !part.complete()).map(Part::gateway).toList());
	}

	@Override
	public Mono<SessionList> find(String id) {
		return Mono.defer(() -> {
			SessionEntry own = this.gateway.find(id);
			if (own != null) {
				return Mono.just(new SessionList(page(Stream.of(own)), new Reach(List.of(own.gateway()), List.of())));
			}
			return findElsewhere(id);
		}).subscribeOn(Schedulers.boundedElastic());
	}

	private Mono<SessionList> findElsewhere(String id) {
		return others().flatMap((others) -> Flux.fromIterable(others.names())
			.flatMap((name) -> others.isReachable() ? find(id, name) : Mono.just(Part.none(name)), CONCURRENCY)
			.concatWith(Mono.just(Part.of(this.gateway.name(), page(Stream.of()))))
			.collectList()
			.map((parts) -> new SessionList(page(parts.stream().flatMap((part) -> entries(part.page()).stream())),
					reach(parts))));
	}

	private Mono<Part> find(String id, String name) {
		return this.store
			.call(this.store.keys().sessions(name),
					this.store.redis()
						.<String, String>opsForHash()
						.get(this.store.keys().sessions(name), id)
						.map(Optional::of)
						.defaultIfEmpty(Optional.empty()))
			.map((json) -> new Part(name, page(json.map((value) -> Listed.of(name, id, value)).stream()), true))
			.onErrorReturn(Part.none(name));
	}

	private static <T> SessionPage<T> page(Stream<T> sessions) {
		List<T> found = sessions.toList();
		return new SessionPage<>(found, found.size(), null);
	}

	/**
	 * Returns the other live gateways, or those that lived last if Redis does not answer.
	 */
	private Mono<Others> others() {
		return this.store.readLive()
			.map((live) -> new Others(live.others(this.gateway.name()), true))
			.onErrorResume((failure) -> Mono
				.fromSupplier(() -> new Others(this.store.lastLive().others(this.gateway.name()), false)));
	}

	private record Others(List<String> names, boolean isReachable) {

	}

	/**
	 * The sessions of one gateway.
	 *
	 * @param gateway its name
	 * @param page the sessions
	 * @param complete whether all of its sessions could be read
	 */
	private record Part(String gateway, SessionPage<Listed> page, boolean complete) {

		static Part none(String gateway) {
			return new Part(gateway, RedisSessionDirectory.page(Stream.of()), false);
		}

		static Part of(String gateway, SessionPage<SessionEntry> page) {
			List<Listed> sessions = page.sessions()
				.stream()
				.map((entry) -> new Listed(SessionCursor.of(entry), () -> entry))
				.toList();
			return new Part(gateway, new SessionPage<>(sessions, page.total(), page.next()), true);
		}

	}

	/** Searches the sessions of one gateway. */
	private static final class Search {

		private final String gateway;

		private final Predicate<SessionEntry> wanted;

		/** What the entry of each wanted session contains, so that Redis omits others. */
		private final List<String> contained;

		private final SessionPage.Selection<Listed> selection;

		/** Redis may return a field twice. */
		private final Set<String> seen = new HashSet<>();

		private boolean complete;

		Search(String gateway, SessionQuery query) {
			this.gateway = gateway;
			SessionSelector selector = query.selector();
			this.wanted = selector.entriesAt(Instant.now());
			String address = (selector.address() != null) ? ClientAddress.canonical(selector.address()) : null;
			this.contained = Stream.of(selector.route(), selector.pipeline(), selector.principal(), address)
				.filter(Objects::nonNull)
				.map(FleetCodec::quoted)
				.toList();
			this.selection = new SessionPage.Selection<>(query.after(), query.limit());
		}

		List<String> arguments(String cursor) {
			return Stream.concat(Stream.of(cursor, SCAN_COUNT), this.contained.stream()).toList();
		}

		/** Adds what was read, and returns the cursor of the next part. */
		synchronized String offer(String answer) {
			String[] lines = answer.split("\n");
			for (int i = 1; i + 1 < lines.length; i += 2) {
				offer(lines[i], lines[i + 1]);
			}
			return lines[0];
		}

		private void offer(String id, String json) {
			if (id.startsWith("@")) {
				this.complete |= id.equals("@complete");
				return;
			}
			SessionEntry entry = FleetCodec.readEntry(id, this.gateway, json);
			if (entry != null && this.wanted.test(entry) && this.seen.add(id)) {
				SessionCursor cursor = SessionCursor.of(entry);
				this.selection.offer(cursor, new Listed(cursor, () -> entry));
			}
		}

		synchronized Part part(boolean toTheEnd) {
			return new Part(this.gateway, this.selection.page(), toTheEnd && this.complete);
		}

	}

	/**
	 * A session of a list, whose entry is read only if it is on the page.
	 *
	 * @param cursor its position
	 * @param entry reads its entry, or {@code null} if it cannot be read
	 */
	private record Listed(SessionCursor cursor, Supplier<@Nullable SessionEntry> entry) {

		static @Nullable Listed of(String gateway, String id, String json) {
			SessionCursor cursor = FleetCodec.readCursor(id, json);
			return (cursor != null) ? new Listed(cursor, () -> FleetCodec.readEntry(id, gateway, json)) : null;
		}

		@Nullable SessionEntry read() {
			return this.entry.get();
		}

	}

}
