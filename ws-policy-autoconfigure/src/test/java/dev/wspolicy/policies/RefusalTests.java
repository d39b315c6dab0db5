package dev.wspolicy.policies;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policies.OnViolation.Action;
import dev.wspolicy.policy.Verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What becomes of what policies refuse.
 */
class RefusalTests {

	private static final String TEMPLATE = "{\"error\":{\"code\":{code},\"reason\":\"{reason}\",\"by\":\"{policy}\"}}";

	@Test
	void closesForTheReasonOfThePolicy() {
		Refusal refusal = new OnViolation(Action.CLOSE, null, "", "").refusal("p", CloseStatus.TOO_BIG);
		assertThat(refusal.in(Contexts.inbound(), "/a: type"))
			.isEqualTo(Verdict.close(CloseStatus.TOO_BIG.withReason("/a: type"), CloseStatus.GOING_AWAY));
		assertThat(refusal.in(Contexts.outbound(), "/a: type"))
			.isEqualTo(Verdict.close(CloseStatus.GOING_AWAY, CloseStatus.TOO_BIG.withReason("/a: type")));
	}

	@Test
	void closesForTheReasonOfTheSettings() {
		Refusal refusal = new OnViolation(Action.CLOSE, 4000, "no", "").refusal("p", CloseStatus.TOO_BIG);
		assertThat(refusal.in(Contexts.inbound(), "/a: type"))
			.isEqualTo(Verdict.close(CloseStatus.of(4000, "no"), CloseStatus.GOING_AWAY));
	}

	@Test
	void dropsForAnyReason() {
		assertThat(OnViolation.of("drop").refusal("p", CloseStatus.TOO_BIG).in(Contexts.inbound(), "x"))
			.isEqualTo(Verdict.drop());
		assertThat(OnViolation.of("Close").action()).isEqualTo(Action.CLOSE);
		assertThatIllegalArgumentException().isThrownBy(() -> OnViolation.of("explode"));
	}

	@Test
	void repliesFromATemplate() {
		Refusal refusal = new OnViolation(Action.REPLY, null, "", TEMPLATE).refusal("json-schema",
				CloseStatus.INVALID_PAYLOAD);
		assertThat(reply(refusal.in(Contexts.inbound(), "/a\"b\\\n$1: type")))
			.isEqualTo("{\"error\":{\"code\":1007,\"reason\":\"/a\\\"b\\\\\\u000a$1: type\",\"by\":\"json-schema\"}}");
	}

	@Test
	void repliesWithCodeAndReasonOfTheSettings() {
		Refusal refusal = new OnViolation(Action.REPLY, 4001, "{policy}", "{code} {reason} {else}").refusal("p",
				CloseStatus.INVALID_PAYLOAD);
		assertThat(reply(refusal.in(Contexts.inbound(), "unheard"))).isEqualTo("4001 {policy} {else}");
		assertThat(reply(refusal.in(Contexts.outbound()))).isEqualTo("4001 {policy} {else}");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', value = { "application/json, a\\\"b", "application/json; charset=utf-8, a\\\"b",
			"application/vnd.chat+JSON, a\\\"b", "text/plain, a\"b", "application/jsonx, a\"b" })
	void escapesWhereMessagesAreJson(String contentType, String expected) {
		assertThat(new ReplyTemplate("{reason}", "p").fill(1, "a\"b", contentType)).isEqualTo(expected);
	}

	private static String reply(Verdict verdict) {
		return ((TextFrame) ((Verdict.Reply) verdict).frames().get(0)).text();
	}

}
