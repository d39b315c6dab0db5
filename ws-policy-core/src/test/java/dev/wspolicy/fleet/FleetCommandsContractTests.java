package dev.wspolicy.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TestSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What each {@link FleetCommands} does.
 */
public abstract class FleetCommandsContractTests {

	protected static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final CloseStatus BYE = CloseStatus.of(4001, "bye");

	/** Returns a gateway of the fleet. */
	protected abstract TestMember member();

	/** Returns the commands of that gateway, or of another one of the fleet. */
	protected abstract FleetCommands commands();

	@Test
	void closesSelectedSessions() {
		TestSession ana = member().open("a", "ana");
		TestSession bob = member().open("b", "bob");
		FleetOutcome outcome = send(new FleetCommand.Close(SessionSelector.principal("ana"), BYE));
		assertThat(outcome.sessions()).isEqualTo(1);
		assertThat(outcome.reach().answered()).contains(name());
		assertThat(outcome.reach().isComplete()).isTrue();
		assertThat(ana.closed()).containsExactly(BYE);
		assertThat(bob.closed()).isEmpty();
	}

	@Test
	void closesNothingTwice() {
		TestSession session = member().open("a", "ana");
		FleetCommand command = new FleetCommand.Close(SessionSelector.ALL, CloseStatus.EMPTY);
		assertThat(send(command).sessions()).isEqualTo(1);
		assertThat(send(command).sessions()).isZero();
		assertThat(session.closed()).containsExactly(CloseStatus.EMPTY);
	}

	@Test
	void closesByAnyCriterion() {
		for (SessionSelector selector : List.of(SessionSelector.id("s"), SessionSelector.route("chat"),
				SessionSelector.address("10.0.0.1"), new SessionSelector(null, null, null, null, Duration.ofSeconds(1)),
				new SessionSelector(null, null, "default", null, null, null, null, null, null),
				new SessionSelector(null, null, null, "/ch*", null, null, null, null, null),
				new SessionSelector(null, null, null, null, null, null, SessionSelector.State.OPEN, null, null))) {
			TestSession session = member().open("s", "chat", "ana", "10.0.0.1", Instant.now().minusSeconds(60));
			assertThat(send(new FleetCommand.Close(SessionSelector.id("other"), BYE)).sessions()).isZero();
			assertThat(send(new FleetCommand.Close(selector, BYE)).sessions()).as("%s", selector).isEqualTo(1);
			member().end(session);
		}
	}

	@Test
	void closesWithinAWindow() {
		List<TestSession> sessions = IntStream.range(0, 20).mapToObj((i) -> member().open("s" + i, "ana")).toList();
		Duration window = Duration.ofMinutes(1);
		FleetOutcome outcome = send(new FleetCommand.Close(SessionSelector.principal("ana"), BYE, window));
		assertThat(outcome.sessions()).isEqualTo(20);
		assertThat(sessions).allSatisfy((session) -> {
			assertThat(session.closed()).containsExactly(BYE);
			assertThat(session.delays()).hasSize(1)
				.allMatch((delay) -> !delay.isNegative() && delay.compareTo(window) <= 0);
		});
		assertThat(sessions.stream().map((session) -> session.delays().get(0)).distinct().count()).isGreaterThan(1);
	}

	@Test
	void rejectsWindowsThatAreTooLong() {
		for (Duration window : List.of(Duration.ofMillis(-1), Duration.ofDays(1).plusMillis(1))) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new FleetCommand.Close(SessionSelector.ALL, BYE, window))
				.withMessageStartingWith("window: " + window);
		}
	}

	@Test
	void sendsText() {
		TestSession session = member().open("s", null);
		FleetOutcome outcome = send(
				new FleetCommand.Send(SessionSelector.id("s"), Side.CLIENT, "h\u00e9llo \"you\"\n"));
		assertThat(outcome.sessions()).isEqualTo(1);
		assertThat(session.sent()).containsExactly("CLIENT: h\u00e9llo \"you\"\n");
	}

	@Test
	void drainsOneGateway() {
		member().open("s", null);
		FleetOutcome outcome = send(new FleetCommand.BeginDrain(name(), Duration.ofSeconds(3), BYE));
		assertThat(outcome.reach()).isEqualTo(new Reach(List.of(name()), List.of()));
		assertThat(outcome.sessions()).isEqualTo(1);
		assertThat(member().isDraining()).isTrue();
		send(new FleetCommand.EndDrain(name()));
		assertThat(member().isDraining()).isFalse();
	}

	@Test
	void reportsProblems() {
		FleetOutcome outcome = send(new FleetCommand.BeginDrain(name(), Duration.ofSeconds(-3), null));
		assertThat(outcome.problems()).containsOnlyKeys(name()).containsValue("window: negative");
		assertThat(member().isDraining()).isFalse();
	}

	@Test
	void namesAGatewayThatDoesNotAnswer() {
		FleetOutcome outcome = send(new FleetCommand.EndDrain("nobody"));
		assertThat(outcome.reach()).isEqualTo(new Reach(List.of(), List.of("nobody")));
	}

	protected final FleetOutcome send(FleetCommand command) {
		FleetOutcome outcome = commands().send(command).block(TIMEOUT);
		assertThat(outcome).isNotNull();
		return outcome;
	}

	private String name() {
		return member().gateway().name();
	}

}
