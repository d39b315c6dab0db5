package dev.wspolicy.netty;

import java.lang.reflect.Proxy;
import java.util.concurrent.RejectedExecutionException;

import io.netty.channel.EventLoop;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SessionLoop} on event loops that take no tasks.
 */
class SessionLoopTests {

	@Test
	void callThatIsRejectedDoesNotWait() {
		SessionLoop loop = loop(new RejectedExecutionException("expected"));
		loop.execute(() -> {
		});
		assertThat(loop.areCallsWaiting()).isFalse();
	}

	/** The next verdicts of the session would wait for it. */
	@Test
	void callThatFailsDoesNotWait() {
		SessionLoop loop = loop(new StackOverflowError("expected"));
		assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> loop.execute(() -> {
		}));
		assertThat(loop.areCallsWaiting()).isFalse();
	}

	private static SessionLoop loop(Throwable failure) {
		return new SessionLoop((EventLoop) Proxy.newProxyInstance(SessionLoopTests.class.getClassLoader(),
				new Class<?>[] { EventLoop.class }, (proxy, method, args) -> {
					if (method.getName().equals("execute")) {
						throw failure;
					}
					return false;
				})) {

			@Override
			String sessionId() {
				return "session";
			}

			@Override
			void fail(Throwable failure) {
				throw new AssertionError(failure);
			}

			@Override
			void beforeLeaving() {
			}

			@Override
			void flush() {
			}

			@Override
			void checkLegs() {
			}

		};
	}

}
