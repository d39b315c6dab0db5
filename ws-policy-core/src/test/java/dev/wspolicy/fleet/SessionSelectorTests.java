package dev.wspolicy.fleet;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link SessionSelector}.
 */
class SessionSelectorTests {

	/** A negative age would match all sessions. */
	@Test
	void agesAreNotNegative() {
		Duration negative = Duration.ofNanos(-1);
		assertThatIllegalArgumentException().isThrownBy(() -> new SessionSelector(null, null, null, negative, null))
			.withMessage("minAge: PT-0.000000001S (expected: zero or more)");
		assertThatIllegalArgumentException().isThrownBy(() -> new SessionSelector(null, null, null, null, negative))
			.withMessage("minIdle: PT-0.000000001S (expected: zero or more)");
		assertThatNoException().isThrownBy(() -> new SessionSelector(null, null, null, Duration.ZERO, Duration.ZERO));
	}

}
