package dev.wspolicy.policy;

import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Verdicts on upgrades.
 */
class UpgradeVerdictTests {

	@Test
	void refusalStaysAsItWasMade() {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, "5");
		UpgradeVerdict.Refuse refusal = (UpgradeVerdict.Refuse) UpgradeVerdict.refuse(HttpStatus.CONFLICT, headers);
		headers.set(HttpHeaders.RETRY_AFTER, "6");
		assertThat(refusal.headers().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("5");
	}

	@Test
	void refusalIsAnError() {
		assertThatIllegalArgumentException().isThrownBy(() -> UpgradeVerdict.refuse(HttpStatus.OK))
			.withMessageContaining("200");
	}

}
