package dev.wspolicy.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetGateway;
import dev.wspolicy.fleet.Revocation;
import dev.wspolicy.fleet.SessionCursor;
import dev.wspolicy.fleet.SessionEntry;
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.DrainProgress;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.TrafficCounts;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetCodec}.
 */
class FleetCodecTests {

	private static final Instant TIME = Instant.parse("2026-03-01T10:00:00.123456789Z");

	private static final TrafficCounts COUNTS = new TrafficCounts(3, 2, 1L << 40);

	static Stream<FleetCommand> commands() {
		SessionSelector selector = new SessionSelector("id", "route", "pipeline", "/p*", "an\"a\n", "::1",
				SessionSelector.State.CLOSING, Duration.ofMinutes(3), Duration.ofMillis(1));
		return Stream.of(new FleetCommand.Close(selector, CloseStatus.of(4001, "bye \u00fc")),
				new FleetCommand.Close(SessionSelector.ALL, CloseStatus.EMPTY),
				new FleetCommand.Close(selector, CloseStatus.GOING_AWAY, Duration.ofMinutes(2)),
				new FleetCommand.Send(selector, Side.UPSTREAM, "a\u0000\ud83d\ude00"),
				new FleetCommand.BeginDrain("b", null, null),
				new FleetCommand.BeginDrain("b", Duration.ofSeconds(3), CloseStatus.SERVICE_RESTART),
				new FleetCommand.EndDrain("b"), new FleetCommand.Revoke(Revocation.token("t", TIME)),
				new FleetCommand.Revoke(Revocation.principal("ana", TIME, TIME.plusSeconds(1))),
				new FleetCommand.SwitchPolicy(override(new PolicyTarget("p", "text-pattern", null, null),
						Rollout.of(PolicyMode.OFF, null, null), null)),
				new FleetCommand.SwitchPolicy(override(new PolicyTarget("p", "x", PolicyList.INBOUND, "r/\"1"),
						Rollout.of(PolicyMode.ENFORCE, "0.0001%", PolicyMode.OFF), TIME.plusSeconds(9))),
				new FleetCommand.SwitchPolicy(override(new PolicyTarget("p", "x", PolicyList.UPGRADE, null),
						Rollout.of(PolicyMode.OBSERVE, "99.9999%", null), null)),
				new FleetCommand.UndoSwitch(new PolicyTarget("p", "x", PolicyList.OUTBOUND, "r")));
	}

	private static RolloutOverride override(PolicyTarget target, Rollout rollout, @Nullable Instant until) {
		return new RolloutOverride(target, rollout, "ops", TIME, until);
	}

	@ParameterizedTest
	@MethodSource("commands")
	void readsCommands(FleetCommand command) {
		assertThat(FleetCodec.readCommand(FleetCodec.write(command))).isEqualTo(command);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "[]", "{}", "{\"do\":\"dance\"}", "{\"do\":\"switch\"}",
			"{\"do\":\"undo-switch\",\"what\":\"{}\"}", "{\"do\":\"close\",\"code\":1001}",
			"{\"do\":\"close\",\"code\":1,\"of\":{}}", "{\"do\":\"close\",\"code\":1001,\"of\":{\"colour\":\"red\"}}",
			"{\"do\":\"close\",\"code\":1001,\"of\":{\"principal\":3}}",
			"{\"do\":\"close\",\"code\":1001,\"of\":{\"state\":\"OPENISH\"}}",
			"{\"do\":\"close-within\",\"code\":1001,\"of\":{}}",
			"{\"do\":\"close\",\"code\":1001,\"of\":{\"minAge\":\"old\"}}" })
	void executesNothingThatItDoesNotUnderstand(String json) {
		assertThat(FleetCodec.readCommand(json)).isNull();
	}

	@Test
	void readsEntries() {
		SessionEntry entry = new SessionEntry("id", "a", "route", "default", "/p\u00e4th", null, "10.0.0.1", 4711,
				"HTTP/2", "mqtt", TIME, Instant.ofEpochMilli(TIME.toEpochMilli()), true, COUNTS, COUNTS);
		String json = FleetCodec.write(entry);
		assertThat(FleetCodec.readEntry("id", "a", json)).isEqualTo(entry);
		assertThat(FleetCodec.readCursor("id", json)).isEqualTo(SessionCursor.of(entry));
		assertThat(json).doesNotContain("\n");
		String older = json.replace(",\"HTTP/2\"]", "]");
		assertThat(FleetCodec.readEntry("id", "a", older).protocol()).isEqualTo("HTTP/1.1");
		assertThat(FleetCodec.readEntry("id", "a", "x")).isNull();
		assertThat(FleetCodec.readCursor("id", "x")).isNull();
		assertThat(FleetCodec.readCursor("id", "[x,y,z]")).isNull();
	}

	@Test
	void readsGateways() {
		FleetGateway gateway = new FleetGateway("a", TIME, 7, true,
				new DrainProgress(TIME, Duration.ofSeconds(3), 1012, 9, 7), COUNTS, COUNTS, Duration.ofSeconds(1),
				true);
		assertThat(FleetCodec.readGateway("a", FleetCodec.write(gateway), 7, Duration.ofSeconds(1))).isEqualTo(gateway);
		assertThat(FleetCodec.readGateway("a", "x", 7, Duration.ZERO).reachable()).isFalse();
	}

}
