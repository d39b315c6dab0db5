package dev.wspolicy.builtin.security;

import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.session.ScheduledTask;

/**
 * Tests for {@link ExpiryTimers} whose expiry is replaced while its task runs.
 */
class ExpiryTimersTests {

	private final ExpiryTimers timers = new ExpiryTimers();

	private final TokenExpiryPolicy.Expiry first = new TokenExpiryPolicy.Expiry(Instant.EPOCH, 1, CloseStatus.NORMAL);

	private final TokenExpiryPolicy.Expiry second = new TokenExpiryPolicy.Expiry(Instant.EPOCH, 2, CloseStatus.NORMAL);

	@Test
	void taskOfAReplacedExpiryIsCancelled() {
		ScheduledTask renewed = Mockito.mock(ScheduledTask.class);
		ScheduledTask late = Mockito.mock(ScheduledTask.class);
		this.timers.begin(this.first);
		this.timers.begin(this.second);
		this.timers.await(this.second, renewed);
		this.timers.await(this.first, late);
		BDDMockito.then(late).should().cancel();
		BDDMockito.then(renewed).should(Mockito.never()).cancel();
	}

	@Test
	void taskThatComesAfterTheEndIsCancelled() {
		ScheduledTask late = Mockito.mock(ScheduledTask.class);
		this.timers.begin(this.first);
		this.timers.end();
		this.timers.await(this.first, late);
		BDDMockito.then(late).should().cancel();
	}

}
