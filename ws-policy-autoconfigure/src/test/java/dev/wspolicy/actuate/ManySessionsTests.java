package dev.wspolicy.actuate;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;

import dev.wspolicy.actuate.SessionsDescriptor.Summary;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.session.TestRegistry;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the list of 20,000 sessions, page by page.
 */
class ManySessionsTests {

	private static final int SESSIONS = 20_000;

	private static final Instant START = Instant.now().minus(Duration.ofDays(1));

	private final TestRegistry registry = new TestRegistry();

	private final WebSocketsEndpoint endpoint = new WebSocketsEndpoint(this.registry, null, new RecentEndings(),
			List.of(), Show.NEVER, List.of(), (event) -> {
			});

	private final List<TestSession> sessions = new ArrayList<>();

	@BeforeEach
	void register() {
		Random random = new Random(5);
		for (int i = 0; i < SESSIONS; i++) {
			// Ten sessions are opened at the same instant.
			add(String.format("%016x", random.nextLong()), i, START.plusSeconds(i / 10));
		}
	}

	private TestSession add(String id, int number, Instant openedAt) {
		TestSession session = new TestSession(id, "route-" + number % 4, "user-" + number % 100,
				new InetSocketAddress("10.0.0." + number % 200, 40_000), openedAt);
		this.sessions.add(session);
		this.registry.add(session);
		return session;
	}

	@Test
	void pagesShowEachSessionOnceInOrder() {
		List<Summary> seen = new ArrayList<>();
		walk(1000, seen::addAll);
		assertThat(seen).hasSize(SESSIONS)
			.isSortedAccordingTo(Comparator.comparing(Summary::openedAt).thenComparing(Summary::id));
		assertThat(seen).extracting(Summary::id).doesNotHaveDuplicates();
	}

	@Test
	void pagesAreStableWhileSessionsOpenAndClose() {
		Random random = new Random(7);
		List<TestSession> stay = this.sessions.stream().filter((session) -> random.nextInt(3) > 0).toList();
		Set<String> stayIds = stay.stream().map(TestSession::id).collect(Collectors.toSet());
		Map<String, TestSession> leave = this.sessions.stream()
			.filter((session) -> !stayIds.contains(session.id()))
			.collect(Collectors.toMap(TestSession::id, (session) -> session));
		Set<String> seen = new TreeSet<>();
		List<Integer> pages = new ArrayList<>();
		walk(500, (page) -> {
			pages.add(page.size());
			assertThat(page).allMatch((session) -> seen.add(session.id()), "is seen once");
			// In time this includes the session that the cursor refers to.
			page.stream()
				.map((session) -> leave.get(session.id()))
				.filter(Objects::nonNull)
				.forEach(this.registry::remove);
			add("new-" + pages.size(), pages.size(), Instant.now());
		});
		assertThat(seen.containsAll(stayIds)).isTrue();
		assertThat(pages).allSatisfy((size) -> assertThat(size).isLessThanOrEqualTo(500));
	}

	@Test
	void aPageIsBounded() {
		SessionsDescriptor page = page(null, null);
		assertThat(page.sessions()).hasSize(WebSocketsEndpoint.DEFAULT_LIMIT);
		assertThat(page.total()).isEqualTo(SESSIONS);
		assertThat(page.next()).isNotNull();
		assertThat(page(null, WebSocketsEndpoint.MAX_LIMIT).sessions()).hasSize(WebSocketsEndpoint.MAX_LIMIT);
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, 1001, Integer.MAX_VALUE })
	void limitsOutOfRangeAreRejected(int limit) {
		assertThatExceptionOfType(InvalidEndpointRequestException.class).isThrownBy(() -> page(null, limit))
			.withMessage("limit: " + limit + " (expected: 1 to 1000)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "~", "abc", "yesterday~abc", "~abc" })
	void invalidCursorIsRejected(String cursor) {
		assertThatExceptionOfType(InvalidEndpointRequestException.class).isThrownBy(() -> page(cursor, null))
			.withMessageStartingWith("after: invalid cursor");
	}

	@Test
	void theLastPageHasNoNext() {
		SessionsDescriptor some = this.endpoint.sessions(new SessionSelector(null, "user-7", null, null, null), null,
				200, null, false);
		assertThat(some.sessions()).hasSize(200).allSatisfy((session) -> {
			assertThat(session.principal()).isEqualTo("user-7");
			assertThat(session.route()).isEqualTo("route-3");
		});
		assertThat(some.total()).isEqualTo(200);
		assertThat(some.next()).isNull();
	}

	@Test
	void allFiltersMustMatch() {
		assertThat(this.endpoint.sessions(new SessionSelector("route-1", null, null, null, null), null, 1, null, false)
			.total()).isEqualTo(SESSIONS / 4);
		assertThat(
				this.endpoint.sessions(new SessionSelector(null, null, "10.0.0.17", null, null), null, 1, null, false)
					.total())
			.isEqualTo(SESSIONS / 200);
		assertThat(this.endpoint
			.sessions(new SessionSelector("route-1", "user-17", "10.0.0.17", null, null), null, 1, null, false)
			.total()).isEqualTo(SESSIONS / 200);
		assertThat(this.endpoint
			.sessions(new SessionSelector("route-2", "user-17", null, null, null), null, 1, null, false)
			.total()).isZero();
		add("young", 0, Instant.now());
		Instant before = Instant.now();
		Duration age = Duration.between(START, before).minusSeconds(1000 / 10);
		int total = this.endpoint.sessions(new SessionSelector(null, null, null, age, null), null, 1, null, false)
			.total();
		// The sessions are older now.
		int seconds = (int) Duration.between(before, Instant.now()).toSeconds();
		assertThat(total).isBetween(1000, 1010 + 10 * seconds);
	}

	@Test
	void findsIdleSessions() {
		this.sessions.forEach((session) -> session.lastActivityAt(Instant.now()));
		this.sessions.subList(40, 60).forEach((session) -> session.lastActivityAt(START));
		Duration quiet = Duration.ofHours(1);
		assertThat(this.endpoint.sessions(new SessionSelector(null, null, null, null, quiet), null, 1, null, false)
			.total()).isEqualTo(20);
		assertThat(this.endpoint.sessions(new SessionSelector("route-1", null, null, null, quiet), null, 1, null, false)
			.total()).isEqualTo(5);
		assertThat(this.endpoint
			.closeMatching(SecurityContext.NONE, new SessionSelector(null, null, null, null, quiet), null, null, null,
					null)
			.closed()).isEqualTo(20);
	}

	@Test
	void closesMatchingSessionsThatAreStillOpen() {
		assertThat(this.endpoint
			.closeMatching(SecurityContext.NONE, new SessionSelector("route-1", "user-17", null, null, null), null,
					null, 4001, "bye")
			.closed()).isEqualTo(SESSIONS / 100);
		assertThat(this.sessions).filteredOn((session) -> !session.isOpen())
			.hasSize(SESSIONS / 100)
			.allSatisfy((session) -> assertThat(session.closed()).singleElement().hasToString("4001 bye"));
		assertThat(this.endpoint
			.closeMatching(SecurityContext.NONE, new SessionSelector("route-1", "user-17", null, null, null), null,
					null, null, null)
			.closed()).isZero();
	}

	@Test
	void pageReadsEachSessionOnceAndDoesNotSortAll() {
		SessionsDescriptor page = page(null, null);
		assertThat(page.sessions()).hasSize(WebSocketsEndpoint.DEFAULT_LIMIT);
		// A sort would read values during comparisons. Only the sessions on the page may
		// be read again.
		assertThat(this.sessions).allMatch((session) -> session.openedAtReads() >= 1);
		assertThat(this.sessions.stream().filter((session) -> session.openedAtReads() > 1).count())
			.isLessThanOrEqualTo(WebSocketsEndpoint.DEFAULT_LIMIT);
		assertThat(this.sessions).allMatch((session) -> session.openedAtReads() <= 3);
	}

	@Test
	void valuesAreMaskedUnlessShownAndThenSanitized() {
		TestSession session = add("one", 0, START);
		session.attributes().put("count", 3);
		session.attributes().put("secret", "x");
		session.attributes().put("buffer", List.of("not simple"));
		SessionDescriptor masked = this.endpoint.session("one");
		assertThat(masked).isNotNull();
		assertThat(masked.upgrade().uri()).isEqualTo("http://gateway/route-0?token=******&******&empty=");
		assertThat(masked.upgrade().upstreamUri()).isEqualTo("ws://upstream:9000/route-0?key=******");
		assertThat(masked.attributes()).isEqualTo(Map.of("buffer", "******", "count", "******", "secret", "******"));
		SessionDescriptor shown = new WebSocketsEndpoint(this.registry, null, new RecentEndings(), List
			.of((data) -> data.getKey().equals("secret") ? data.withValue(SanitizableData.SANITIZED_VALUE) : data),
				Show.ALWAYS, List.of(), (event) -> {
				})
			.session("one");
		assertThat(shown).isNotNull();
		assertThat(shown.upgrade().uri()).isEqualTo("http://gateway/route-0?token=secret&bare&empty=");
		assertThat(shown.attributes())
			.isEqualTo(Map.of("buffer", List.of("not simple").getClass().getName(), "count", 3, "secret", "******"));
	}

	@Test
	void addressesAreNotResolved() {
		assertThat(Stream.of(new InetSocketAddress("::1", 1), InetSocketAddress.createUnresolved("proxy", 2),
				new InetSocketAddress("10.1.2.3", 3)))
			.extracting(Addresses::hostAndPort)
			.containsExactly("[0:0:0:0:0:0:0:1]:1", "proxy:2", "10.1.2.3:3");
		assertThat(Addresses.hostAndPort(null)).isNull();
	}

	private SessionsDescriptor page(@Nullable String after, @Nullable Integer limit) {
		return this.endpoint.sessions(new SessionSelector(null, null, null, null, null), after, limit, null, false);
	}

	private void walk(int limit, Consumer<List<Summary>> visitor) {
		String after = null;
		do {
			SessionsDescriptor page = page(after, limit);
			visitor.accept(page.sessions());
			after = page.next();
		}
		while (after != null);
	}

}
