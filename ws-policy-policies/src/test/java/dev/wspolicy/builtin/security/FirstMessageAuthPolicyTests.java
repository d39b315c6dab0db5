package dev.wspolicy.builtin.security;

import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.mockito.ArgumentMatchers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import reactor.core.publisher.Mono;

import dev.wspolicy.builtin.security.AuthenticatedOnlyPolicy.Early;
import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.Contexts;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.MaxDelay;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Authentication by the first message, without sockets.
 */
class FirstMessageAuthPolicyTests extends SecurityPolicyFixture {

	private static final Verdict REFUSED = Verdict.closeSender(CloseStatus.of(4401, "authentication required"));

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "/auth/token | '' | {\"auth\":{\"token\":\"good-ada-60\"}}",
			"/auth/token | '' | {\"auth\":{\"t\\u006fken\":\"good-ada-60\"}}",
			"/params/1 | '' | {\"params\":[true,\"good-ada-60\"]}",
			"/payload/Authorization | 'Bearer ' | {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer good-ada-60\"}}",
			"/token | 'Bearer ' | {\"token\":\"bearer  good-ada-60\"}", "'' | 'AUTH ' | AUTH good-ada-60",
			"'' | '' | good-ada-60" })
	void tokenIsReadFromTheConfiguredLocation(String pointer, String prefix, String message) {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, pointer, prefix, true, "");
		policy.onOpen(this.session);
		assertThat(settled(apply(policy, TextFrame.of(message)))).isEqualTo(Verdict.drop());
		assertThat(this.session.principal()).isNotNull().extracting(Principal::getName).isEqualTo("ada");
		assertThat(apply(policy, TextFrame.of("anything"))).isEqualTo(Verdict.forward());
		assertThat(apply(policy, BinaryFrame.of(new byte[1]))).isEqualTo(Verdict.forward());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "/token | '' | {\"token\":\"bad\"}", "/token | '' | {\"token\":1}",
					"/token | 'Bearer ' | {\"token\":\"good-ada-60\"}", "/token | 'Bearer ' | {\"token\":\"Bearer \"}",
					"/token | 'Bearer ' | Bearer good-ada-60", "/token | '' | {\"token\":\" \"}",
					"/token | '' | {\"x\":\"good-ada-60\"}", "/token | '' | good-ada-60",
					"/token | '' | {\"token\":\"good-ada-60\",\"token\":\"x\"}", "'' | 'AUTH ' | good-ada-60",
					"'' | 'AUTH ' | 'AUTH '", "'' | '' | ' '" })
	void rejectedTokenClosesTheSession(String pointer, String prefix, String message) {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, pointer, prefix, true, "");
		assertThat(settled(apply(policy, TextFrame.of(message)))).isEqualTo(REFUSED);
		assertThat(this.session.principal()).isNull();
	}

	@Test
	void binaryAndLongMessagesAreRejected() {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThat(apply(policy, BinaryFrame.of("good-ada-60".getBytes(StandardCharsets.UTF_8)))).isEqualTo(REFUSED);
		assertThat(apply(policy, TextFrame.of("good-ada-60" + " ".repeat(1024)))).isEqualTo(REFUSED);
	}

	@Test
	void nameAndPassword() {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.PASSWORD, "", "", false, "welcome");
		String wrong = "{\"username\":\"ada\",\"password\":\"guess\"}";
		assertThat(settled(apply(policy, TextFrame.of(wrong)))).isEqualTo(REFUSED);
		assertThat(apply(policy, TextFrame.of("{\"username\":\"ada\"}"))).isEqualTo(REFUSED);
		String right = "{\"username\":\"ada\",\"password\":\"secret\"}";
		assertThat(settled(apply(policy, TextFrame.of(right)))).isEqualTo(Verdict.forward());
		assertThat(this.session.principal()).isNotNull().extracting(Principal::getName).isEqualTo("ada");
		ArgumentCaptor<Frame> reply = ArgumentCaptor.forClass(Frame.class);
		BDDMockito.then(this.session).should().send(ArgumentMatchers.eq(Side.CLIENT), reply.capture());
		assertThat(((TextFrame) reply.getValue()).text()).isEqualTo("welcome");
	}

	@Test
	void deadlineClosesTheSessionUnlessAuthenticated() {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		ScheduledTask timer = Mockito.mock(ScheduledTask.class);
		ArgumentCaptor<Runnable> task = ArgumentCaptor.forClass(Runnable.class);
		BDDMockito.given(this.session.schedule(ArgumentMatchers.eq(Duration.ofSeconds(5)), task.capture()))
			.willReturn(timer);
		policy.onOpen(this.session);
		task.getValue().run();
		BDDMockito.then(this.session)
			.should()
			.close(CloseStatus.of(4401, "authentication required"), CloseStatus.GOING_AWAY, "first-message-auth");
		assertThat(settled(apply(policy, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		BDDMockito.then(timer).should().cancel();
		task.getValue().run();
		BDDMockito.then(this.session)
			.should()
			.close(ArgumentMatchers.any(), ArgumentMatchers.any(), ArgumentMatchers.anyString());
	}

	@Test
	void deadlineIsCancelledWithThePolicy() {
		Timers timers = new Timers(this.session);
		FirstMessageAuthPolicy gone = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		gone.onOpen(this.session);
		FirstMessageAuthPolicy successor = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		successor.onOpen(this.session);
		gone.onDetached(this.session);
		BDDMockito.then(timers.tasks.get(0)).should().cancel();
		BDDMockito.then(timers.tasks.get(1)).should(Mockito.never()).cancel();
		assertThat(apply(successor, BinaryFrame.of(new byte[1]))).isEqualTo(REFUSED);
		assertThat(settled(apply(successor, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		BDDMockito.then(timers.tasks.get(1)).should().cancel();
	}

	@Test
	void authenticationOutlivesThePolicy() {
		Timers timers = new Timers(this.session);
		FirstMessageAuthPolicy gone = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		gone.onOpen(this.session);
		assertThat(settled(apply(gone, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		FirstMessageAuthPolicy successor = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		successor.onOpen(this.session);
		gone.onDetached(this.session);
		assertThat(timers.delays()).hasSize(1);
		assertThat(apply(successor, TextFrame.of("anything"))).isEqualTo(Verdict.forward());
	}

	@Test
	void deadlineIsCancelledIfAlreadyAuthenticated() {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		AuthenticationGate gate = AuthenticationGate.of(this.session);
		gate.open();
		ScheduledTask timer = Mockito.mock(ScheduledTask.class);
		gate.require(policy, timer);
		BDDMockito.then(timer).should().cancel();
		assertThat(gate.decided()).isCompleted();
	}

	@Test
	void failedCheckFailsThePolicy() {
		FirstMessageAuthPolicy policy = new FirstMessageAuthPolicy(settings(Credentials.Kind.TOKEN, "", "", true, ""),
				(credentials, session) -> Mono.error(new IllegalStateException("nobody there: " + credentials)));
		Verdict.Later later = (Verdict.Later) apply(policy, TextFrame.of("good-ada-60"));
		assertThat(later.verdict().toCompletableFuture()).isCompletedExceptionally();
		assertThat(later.verdict().toCompletableFuture().handle((verdict, ex) -> String.valueOf(ex)).join())
			.contains("nobody there")
			.doesNotContain("good-ada-60");
	}

	@Test
	void rejectsTheOutboundDirection() {
		FirstMessageAuthPolicy policy = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThatIllegalStateException()
			.isThrownBy(() -> policy.apply(TextFrame.of("x"), Contexts.frames(Direction.OUTBOUND, this.session)));
	}

	@Test
	void earlyFramesAreHeldOrDropped() {
		FramePolicy hold = new AuthenticatedOnlyPolicy(new AuthenticatedOnlyPolicy.Settings(Early.HOLD));
		FramePolicy drop = new AuthenticatedOnlyPolicy(new AuthenticatedOnlyPolicy.Settings(Early.DROP));
		FirstMessageAuthPolicy first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		first.onOpen(this.session);
		CompletableFuture<Verdict> held = ((Verdict.Later) outbound(hold)).verdict().toCompletableFuture();
		CompletableFuture<Verdict> cancelled = ((Verdict.Later) outbound(hold)).verdict().toCompletableFuture();
		assertThat(outbound(drop)).isEqualTo(Verdict.drop());
		assertThat(drop.isObservable()).isTrue();
		// Nothing would wait for it.
		assertThat(hold.isObservable()).isFalse();
		assertThat(held).isNotDone();
		cancelled.cancel(false);
		assertThat(settled(apply(first, TextFrame.of("good-ada-60")))).isEqualTo(Verdict.drop());
		assertThat(held).isCompletedWithValue(Verdict.forward());
		assertThat(outbound(hold)).isEqualTo(Verdict.forward());
		assertThat(outbound(drop)).isEqualTo(Verdict.forward());
	}

	@Test
	void heldFramesWaitUntilTheDeadline() {
		FramePolicy hold = new AuthenticatedOnlyPolicy(new AuthenticatedOnlyPolicy.Settings(Early.HOLD));
		FramePolicy drop = new AuthenticatedOnlyPolicy(new AuthenticatedOnlyPolicy.Settings(Early.DROP));
		FirstMessageAuthPolicy first = firstMessage(Credentials.Kind.TOKEN, "", "", true, "");
		assertThat(first.maxDelay(List.of(drop, first, hold)))
			.isEqualTo(new MaxDelay(Duration.ofSeconds(5), "deadline"));
		assertThat(first.maxDelay(List.of(drop, first))).isNull();
		assertThat(hold.maxDelay(List.of(drop, first, hold))).isNull();
	}

	@Test
	void credentialsDiscloseNoSecrets() {
		assertThat(new Credentials.Token("abc").toString()).doesNotContain("abc");
		assertThat(new Credentials.UsernamePassword("ada", "abc").toString()).contains("ada").doesNotContain("abc");
	}

}
