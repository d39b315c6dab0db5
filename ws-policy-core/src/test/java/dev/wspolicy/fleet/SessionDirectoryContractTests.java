package dev.wspolicy.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.session.TestSession;
import dev.wspolicy.session.TrafficCounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What each {@link SessionDirectory} does.
 */
public abstract class SessionDirectoryContractTests {

	protected static final Duration TIMEOUT = Duration.ofSeconds(30);

	/** Returns a gateway of the fleet. */
	protected abstract TestMember member();

	/** Returns the directory of that gateway, or of another one of the fleet. */
	protected abstract SessionDirectory directory();

	@Test
	void listsSessionsOldestFirst() {
		Instant start = Instant.now();
		List<TestSession> opened = IntStream.range(0, 5)
			.mapToObj((i) -> member().open("s" + i, "chat", null, "10.0.0.1", start.minusSeconds(i)))
			.toList();
		assertThat(opened).hasSize(5);
		awaitIds("s4", "s3", "s2", "s1", "s0");
	}

	@Test
	void describesASession() {
		Instant openedAt = Instant.now();
		member().open("s", "feed", "ana", "2001:db8::1", openedAt)
			.lastActivityAt(openedAt.plusSeconds(3))
			.count(Direction.INBOUND, new TrafficCounts(3, 2, 1));
		SessionEntry entry = await().atMost(TIMEOUT)
			.until(() -> list(SessionSelector.ALL), (list) -> list.first().isPresent())
			.first()
			.orElseThrow();
		assertThat(entry.gateway()).isEqualTo(member().gateway().name());
		assertThat(entry.id()).isEqualTo("s");
		assertThat(entry.route()).isEqualTo("feed");
		assertThat(entry.pipeline()).isEqualTo("default");
		assertThat(entry.path()).isEqualTo("/feed");
		assertThat(entry.principal()).isEqualTo("ana");
		assertThat(entry.address()).isEqualTo("2001:db8:0:0:0:0:0:1");
		assertThat(entry.port()).isEqualTo(4711);
		assertThat(entry.openedAt()).isEqualTo(openedAt);
		assertThat(entry.open()).isTrue();
		assertThat(entry.toString()).doesNotContain("secret");
	}

	@Test
	void forgetsEndedSessions() {
		TestSession first = member().open("first", null);
		member().open("second", null);
		awaitIds("first", "second");
		member().end(first);
		awaitIds("second");
	}

	@Test
	void showsALaterPrincipal() {
		TestSession session = member().open("s", null);
		awaitIds("s");
		assertThat(ids(SessionSelector.principal("ana"))).isEmpty();
		member().authenticate(session, () -> "ana");
		await().atMost(TIMEOUT)
			.untilAsserted(() -> assertThat(ids(SessionSelector.principal("ana"))).containsExactly("s"));
	}

	@Test
	void selectsSessions() {
		Instant now = Instant.now();
		member().open("a", "chat", "ana", "10.0.0.1", now.minusSeconds(3000)).lastActivityAt(now);
		member().open("b", "chat", "bob", "10.0.0.2", now.minusSeconds(2000));
		member().open("c", "feed", "ana", "10.0.0.2", now.minusSeconds(1000));
		awaitIds("a", "b", "c");
		assertThat(ids(SessionSelector.route("chat"))).containsExactly("a", "b");
		assertThat(ids(SessionSelector.principal("ana"))).containsExactly("a", "c");
		assertThat(ids(SessionSelector.address("::ffff:10.0.0.2"))).containsExactly("b", "c");
		assertThat(ids(SessionSelector.id("b"))).containsExactly("b");
		assertThat(ids(new SessionSelector("chat", "ana", "10.0.0.1", null, null))).containsExactly("a");
		assertThat(ids(new SessionSelector("feed", "bob", null, null, null))).isEmpty();
		assertThat(ids(new SessionSelector(null, null, null, Duration.ofMinutes(30), null))).containsExactly("a", "b");
		assertThat(ids(selector("default", null, null))).containsExactly("a", "b", "c");
		assertThat(ids(selector("other", null, null))).isEmpty();
		assertThat(ids(selector(null, "/chat", null))).containsExactly("a", "b");
		assertThat(ids(selector(null, "/f*", null))).containsExactly("c");
		assertThat(ids(selector(null, "/f", null))).isEmpty();
		assertThat(ids(selector(null, null, SessionSelector.State.OPEN))).containsExactly("a", "b", "c");
		assertThat(ids(selector(null, null, SessionSelector.State.CLOSING))).isEmpty();
	}

	private static SessionSelector selector(@Nullable String pipeline, @Nullable String path,
			SessionSelector.@Nullable State state) {
		return new SessionSelector(null, null, pipeline, path, null, null, state, null, null);
	}

	@Test
	void pages() {
		IntStream.range(0, 7).forEach((i) -> member().open("s" + i, null));
		awaitIds("s0", "s1", "s2", "s3", "s4", "s5", "s6");
		SessionList first = list(new SessionQuery(SessionSelector.ALL, null, 3));
		assertThat(first.page().sessions()).extracting(SessionEntry::id).containsExactly("s0", "s1", "s2");
		assertThat(first.page().total()).isEqualTo(7);
		SessionList second = list(new SessionQuery(SessionSelector.ALL, first.page().next(), 3));
		assertThat(second.page().sessions()).extracting(SessionEntry::id).containsExactly("s3", "s4", "s5");
		SessionList last = list(new SessionQuery(SessionSelector.ALL, second.page().next(), 3));
		assertThat(last.page().sessions()).extracting(SessionEntry::id).containsExactly("s6");
		assertThat(last.page().next()).isNull();
	}

	@Test
	void findsASession() {
		member().open("s", "ana");
		SessionList found = await().atMost(TIMEOUT)
			.until(() -> directory().find("s").block(TIMEOUT), (list) -> list != null && list.first().isPresent());
		assertThat(found.first()).get().extracting(SessionEntry::principal).isEqualTo("ana");
		SessionList none = directory().find("none").block(TIMEOUT);
		assertThat(none).isNotNull();
		assertThat(none.first()).isEmpty();
		assertThat(none.reach().answered()).contains(member().gateway().name());
		assertThat(none.reach().isComplete()).isTrue();
	}

	@Test
	void knowsTheGateway() {
		TestSession session = member().open("a", null).count(Direction.OUTBOUND, new TrafficCounts(5, 4, 3));
		member().open("b", null);
		await().atMost(TIMEOUT).untilAsserted(() -> {
			FleetGateway gateway = gateway();
			assertThat(gateway).isNotNull();
			assertThat(gateway.sessions()).isEqualTo(2);
			assertThat(gateway.reachable()).isTrue();
			assertThat(gateway.draining()).isFalse();
		});
		member().end(session);
		member().begin(null, null);
		await().atMost(TIMEOUT).untilAsserted(() -> {
			FleetGateway gateway = gateway();
			assertThat(gateway).isNotNull();
			assertThat(gateway.draining()).isTrue();
			assertThat(gateway.sessions()).isEqualTo(1);
			assertThat(gateway.outbound()).isEqualTo(new TrafficCounts(5, 4, 3));
		});
	}

	private @Nullable FleetGateway gateway() {
		List<FleetGateway> gateways = directory().gateways().block(TIMEOUT);
		assertThat(gateways).isNotNull();
		return gateways.stream()
			.filter((gateway) -> gateway.name().equals(member().gateway().name()))
			.findFirst()
			.orElse(null);
	}

	protected final void awaitIds(String... ids) {
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(ids(SessionSelector.ALL)).containsExactly(ids));
	}

	protected final List<String> ids(SessionSelector selector) {
		return list(selector).page().sessions().stream().map(SessionEntry::id).toList();
	}

	protected final SessionList list(SessionSelector selector) {
		return list(new SessionQuery(selector, null, 1000));
	}

	private SessionList list(SessionQuery query) {
		SessionList list = directory().list(query).block(TIMEOUT);
		assertThat(list).isNotNull();
		assertThat(list.page().sessions().size()).isLessThanOrEqualTo(query.limit());
		return list;
	}

}
