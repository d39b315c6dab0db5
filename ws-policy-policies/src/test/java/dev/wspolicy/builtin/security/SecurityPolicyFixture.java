package dev.wspolicy.builtin.security;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.TokenExpiryPolicy.Settings.Renew;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;

/**
 * A session with manual timers, and a check of credentials: the token {@code good-ada-60}
 * belongs to {@code ada} and expires after 60 seconds.
 */
abstract class SecurityPolicyFixture {

	static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	static final Renew NO_RENEWAL = new Renew("", "", true, "", "not accepted");

	final HttpHeaders headers = new HttpHeaders();

	@Nullable Principal principal;

	/** By how much the clock has been set. */
	Duration step = Duration.ZERO;

	private Instant now = NOW;

	final ProxiedSession session = session();

	final CredentialsCheck check = (credentials, session) -> {
		if (credentials instanceof Credentials.Token token && token.value().startsWith("good-")) {
			String[] parts = token.value().split("-");
			return Mono.just(new Expiring(parts[1], NOW.plusSeconds(Long.parseLong(parts[2]))));
		}
		return (credentials instanceof Credentials.UsernamePassword user && user.password().equals("secret"))
				? Mono.just(user::username) : Mono.empty();
	};

	TokenExpiryPolicy expiry(String token, boolean required, @Nullable Duration warnBefore, Renew renew) {
		TokenExpiryPolicy.Settings settings = new TokenExpiryPolicy.Settings(token, required, 4401, "token expired",
				warnBefore, (warnBefore != null) ? "soon" : "", renew);
		Clock clock = BDDMockito.mock(Clock.class);
		BDDMockito.given(clock.instant()).willAnswer((call) -> this.now.plus(this.step));
		PrincipalExpiry principals = PrincipalExpiry.withFallback(null);
		return renew.equals(NO_RENEWAL) ? new TokenExpiryPolicy(settings, principals, clock)
				: new RenewableTokenExpiryPolicy(settings, principals, this.check, clock);
	}

	FirstMessageAuthPolicy firstMessage(Credentials.Kind kind, String pointer, String prefix, boolean swallow,
			String reply) {
		return new FirstMessageAuthPolicy(settings(kind, pointer, prefix, swallow, reply), this.check);
	}

	static FirstMessageAuthPolicy.Settings settings(Credentials.Kind kind, String pointer, String prefix,
			boolean swallow, String reply) {
		return new FirstMessageAuthPolicy.Settings(kind, pointer, prefix, "/username", "/password",
				Duration.ofSeconds(5), DataSize.ofKilobytes(1), swallow, reply, 4401, "authentication required");
	}

	Verdict apply(FramePolicy policy, Frame frame) {
		return policy.apply(frame, Contexts.frames(Direction.INBOUND, this.session));
	}

	Verdict outbound(FramePolicy policy) {
		return policy.apply(TextFrame.of("early"), Contexts.frames(Direction.OUTBOUND, this.session));
	}

	static Verdict settled(Verdict verdict) {
		return (verdict instanceof Verdict.Later later) ? later.verdict().toCompletableFuture().join() : verdict;
	}

	static String jwt(String claims) {
		Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
		return "e30." + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
	}

	ProxiedSession session() {
		ProxiedSession mock = Contexts.session(Contexts.upgrade(this.headers, List.of(), null));
		BDDMockito.given(mock.principal()).willAnswer((call) -> this.principal);
		BDDMockito.willAnswer((call) -> this.principal = Objects.requireNonNull(call.<Principal>getArgument(0)))
			.given(mock)
			.principal(ArgumentMatchers.any());
		BDDMockito.given(mock.isOpen()).willReturn(true);
		BDDMockito.given(mock.clock()).willReturn(() -> Duration.between(NOW, this.now).toNanos());
		BDDMockito.given(mock.schedule(ArgumentMatchers.any(), ArgumentMatchers.any()))
			.willReturn(Mockito.mock(ScheduledTask.class));
		return mock;
	}

	record Expiring(String name, Instant expiresAt) implements ExpiringPrincipal {

		@Override
		public String getName() {
			return this.name;
		}

	}

	/**
	 * Captures the tasks that are scheduled in a session, to run them on demand.
	 */
	final class Timers {

		private final List<Duration> delays = new ArrayList<>();

		private final List<Instant> due = new ArrayList<>();

		private final List<Runnable> actions = new ArrayList<>();

		final List<ScheduledTask> tasks = new ArrayList<>();

		Timers(ProxiedSession session) {
			BDDMockito.willAnswer((call) -> {
				Duration delay = call.getArgument(0);
				this.delays.add(delay);
				this.due.add(SecurityPolicyFixture.this.now.plus(delay));
				this.actions.add(call.getArgument(1));
				this.tasks.add(Mockito.mock(ScheduledTask.class));
				return this.tasks.get(this.tasks.size() - 1);
			}).given(session).schedule(ArgumentMatchers.any(), ArgumentMatchers.any());
		}

		List<Duration> delays() {
			return this.delays;
		}

		/** Run a task at the time that it is due, or at once if that is past. */
		void run(int index) {
			Instant due = this.due.get(index);
			if (due.isAfter(SecurityPolicyFixture.this.now)) {
				SecurityPolicyFixture.this.now = due;
			}
			this.actions.get(index).run();
		}

	}

}
