package dev.wspolicy.observation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.Termination.Initiator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CloseCodeTag}.
 */
class CloseCodeTagTests {

	@ParameterizedTest
	@CsvSource({ "1000, 1000", "1011, 1011", "3000, 3xxx", "3999, 3xxx", "4000, 4xxx", "4999, 4xxx", ", none" })
	void mapsCodesToAFewValues(@Nullable Integer code, String expected) {
		assertThat(CloseCodeTag.of((code != null) ? CloseStatus.of(code) : null)).isEqualTo(expected);
	}

	@Test
	void emptyCloseFrameHasNoCode() {
		assertThat(CloseCodeTag.of(CloseStatus.EMPTY)).isEqualTo("none");
	}

	@ParameterizedTest
	@CsvSource({ "CLIENT, 1000", "UPSTREAM, 4xxx", "GATEWAY, 1008" })
	void usesTheCodeOfTheInitiator(Initiator initiator, String expected) {
		assertThat(CloseCodeTag.of(new Termination(initiator, Cause.POLICY, CloseStatus.NORMAL,
				CloseStatus.POLICY_VIOLATION, CloseStatus.of(4001), CloseStatus.GOING_AWAY)))
			.isEqualTo(expected);
	}

}
