package dev.wspolicy.test;

import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.PingFrame;
import dev.wspolicy.frame.PongFrame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.FramePolicyFactory;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.OnError;
import dev.wspolicy.policy.TextPolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests each kind of policy with the kit, as its users do.
 */
class PolicyTesterTests {

	private static final byte[] BYTES = { 1, 2, 3 };

	private static PolicyTester always(Verdict verdict) {
		return PolicyTester.inbound((frame, context) -> verdict);
	}

	// Verdicts

	@Test
	void policyIsTestedInOneLine() {
		PolicyTester.inbound(new MaskCardNumbers())
			.principal("ana")
			.send("4111 1111 1111 1111")
			.expectForwarded("**** **** **** 1111");
	}

	@Test
	@SuppressWarnings("NullAway")
	void textThatIsNullIsNamed() {
		PolicyTester tester = always(Verdict.forward());
		assertThatNullPointerException().isThrownBy(() -> tester.send((String) null)).withMessage("text");
	}

	@Test
	void forward() {
		always(Verdict.forward()).send("a")
			.expectForwarded("a")
			.send(BYTES)
			.expectForwarded(BYTES)
			.expectNothing()
			.expectOpen();
	}

	@Test
	void replaceBySeveral() {
		always(Verdict.replace(TextFrame.of("a"), BinaryFrame.of(BYTES))).send("x")
			.expectForwarded("a")
			.expectForwarded(BYTES)
			.expectNothing();
	}

	@Test
	void drop() {
		always(Verdict.drop()).send("x").expectDropped();
	}

	@Test
	void reply() {
		always(Verdict.replyText("no")).send("x").expectReplied("no").expectNothing();
		always(Verdict.reply(BinaryFrame.of(BYTES))).send("x").expectReplied(BYTES).expectNothing();
	}

	@Test
	void close() {
		always(Verdict.close(CloseStatus.TOO_BIG)).send("x")
			.expectClosed(CloseStatus.TOO_BIG)
			.expectTermination(Cause.POLICY)
			.expectNothing();
	}

	@Test
	void closeWithTwoStatuses() {
		CloseStatus denied = CloseStatus.of(4401, "token expected");
		SessionTester session = always(Verdict.close(denied, CloseStatus.POLICY_VIOLATION)).send("x")
			.expectClosed(denied, CloseStatus.POLICY_VIOLATION);
		Termination termination = session.termination();
		assertThat(termination).isNotNull();
		assertThat(termination.fromClient()).isEqualTo(denied);
		assertThat(termination.toUpstream()).isEqualTo(CloseStatus.POLICY_VIOLATION);
		assertThat(termination.policy()).isEqualTo("policy");
	}

	@Test
	void closeSender() {
		FramePolicy policy = (frame, context) -> Verdict.closeSender(CloseStatus.of(4403, "no"));
		PolicyTester.inbound(policy).send("x").expectClosed(CloseStatus.of(4403, "no"), CloseStatus.GOING_AWAY);
		PolicyTester.outbound(policy).send("x").expectClosed(CloseStatus.GOING_AWAY, CloseStatus.of(4403, "no"));
	}

	@Test
	void verdictCanBeLookedAt() {
		assertThat(always(Verdict.drop()).send("x").verdict()).isEqualTo(Verdict.drop());
		assertThat(always(Verdict.later(Mono.just(Verdict.drop()))).send("x").verdict()).isEqualTo(Verdict.drop());
	}

	// Later

	@Test
	void laterHoldsItsDirectionInOrder() {
		CompletableFuture<Verdict> first = new CompletableFuture<>();
		FramePolicy policy = (frame, context) -> ((TextFrame) frame).text().equals("1") ? Verdict.later(first)
				: Verdict.forward();
		SessionTester session = PolicyTester.inbound(policy).send("1").send("2").expectHeld();
		session.upstream().send("other").expectForwarded("other");
		first.complete(Verdict.replaceText("one"));
		session.upstream().expect("one").upstream().expect("2").expectNothing();
	}

	@Test
	void laterFromAnotherThread() {
		TextPolicy policy = (text, context) -> Verdict
			.later(Mono.fromSupplier(() -> Verdict.replaceText(text + "!")).subscribeOn(Schedulers.boundedElastic()));
		PolicyTester.inbound(policy).send("a").expectForwarded("a!").send("b").expectForwarded("b!");
	}

	@Test
	void dropFromAnotherThread() {
		TextPolicy policy = (text, context) -> Verdict
			.later(Mono.fromSupplier(Verdict::drop).subscribeOn(Schedulers.boundedElastic()));
		PolicyTester.inbound(policy).send("a").expectDropped();
	}

	@Test
	void completedVerdictHasItsEffectBeforeAnybodyLooks() {
		CompletableFuture<Verdict> first = new CompletableFuture<>();
		SessionTester session = always(Verdict.later(first)).send("x");
		first.complete(Verdict.close(CloseStatus.TOO_BIG));
		assertFails("session to be open", session::expectOpen);

		CompletableFuture<Verdict> second = new CompletableFuture<>();
		SessionTester other = always(Verdict.later(second)).send("x");
		second.complete(Verdict.close(CloseStatus.TOO_BIG));
		assertThat(other.termination()).isNotNull();
	}

	@Test
	void framesThatTheTestSendsItselfHaveArrivedBeforeAnybodyLooks() {
		SessionTester session = always(Verdict.later(new CompletableFuture<>())).send("x");
		session.session().send(Side.CLIENT, TextFrame.of("hello"));
		assertFails("the client to get nothing more, but it got text \"hello\"", session::expectHeld);
		session.session().send(Side.UPSTREAM, TextFrame.of("hi"));
		assertThat(session.transcript().lines()).contains("upstream gets text \"hi\"");
		session.session().send(Side.UPSTREAM, TextFrame.of("ho"));
		assertThat(session.upstream().received()).containsExactly("text \"hi\"", "text \"ho\"");
	}

	@Test
	void verdictThatDoesNotComeInTime() {
		always(Verdict.later(new CompletableFuture<>())).verdictTimeout(Duration.ofSeconds(3))
			.send("x")
			.advance(Duration.ofSeconds(3).minusNanos(1))
			.expectHeld()
			.advance(Duration.ofNanos(1))
			.expectClosed(1011)
			.expectTermination(Cause.VERDICT_TIMEOUT);
	}

	// Timers and state

	@Test
	void timersOnTheVirtualClock() {
		FramePolicy policy = new FramePolicy() {

			@Override
			public void onOpen(ProxiedSession session) {
				session.schedule(Duration.ofMinutes(1), () -> tick(session));
			}

			private void tick(ProxiedSession session) {
				session.send(Side.CLIENT, TextFrame.of("tick"));
				session.schedule(Duration.ofMinutes(1), () -> tick(session));
			}

			@Override
			public Verdict apply(Frame frame, FrameContext context) {
				return Verdict.forward();
			}

		};
		SessionTester session = PolicyTester.inbound(policy).open();
		session.advance(Duration.ofSeconds(59)).expectNothing();
		session.advance(Duration.ofSeconds(1)).client().expect("tick").expectNothing();
		session.advance(Duration.ofMinutes(3));
		assertThat(session.client().received()).containsExactly("text \"tick\"", "text \"tick\"", "text \"tick\"");
		assertThat(session.transcript().toString()).contains("  60.000s  client gets text", " 240.000s  client gets");
	}

	@Test
	void activityIsOnTheVirtualClock() {
		SessionTester session = always(Verdict.forward()).open().advance(Duration.ofHours(1)).send("x");
		assertThat(Duration.between(session.session().openedAt(), session.session().lastActivityAt()))
			.isEqualTo(Duration.ofHours(1));
	}

	@Test
	void stateOfASession() {
		SessionTester first = PolicyTester.inbound(new FirstMessageToken("secret")).open();
		first.send("secret").expectDropped().send("hello").expectForwarded("hello");
		PolicyTester.inbound(new FirstMessageToken("secret")).send("hello").expectClosed(4401);
		assertThat(first.session().attributes()).containsValue(true);
	}

	@Test
	void sessionsOfATesterDoNotShareState() {
		PolicyTester tester = PolicyTester.inbound(new FirstMessageToken("secret"));
		tester.send("secret").expectDropped();
		tester.send("hello").expectClosed(4401);
	}

	@Test
	void factoryWithAPolicyPerSession() {
		FramePolicyFactory<Integer> factory = new FirstMessages();
		PolicyTester tester = PolicyTester.inbound(factory, 1);
		tester.send("1").expectForwarded("1").send("2").expectDropped().send(BYTES).expectForwarded(BYTES);
		tester.send("1").expectForwarded("1");
	}

	@Test
	void callbacks() {
		List<String> calls = new ArrayList<>();
		Callbacks policy = new Callbacks(calls);
		SessionTester session = PolicyTester.annotated(policy).open();
		session.client().disconnect().upstream().expectClosed(CloseStatus.GOING_AWAY);
		session.expectTermination(Cause.CONNECTION_LOST);
		PolicyTester.annotated(policy).send("x").expectDropped().detachPolicies().send("y").expectForwarded("y");
		assertThat(calls).containsExactly("open", "close CONNECTION_LOST", "open", "detached");
	}

	@Test
	void principalThatAPolicySets() {
		Principal principal = () -> "eve";
		SessionTester session = PolicyTester.inbound((frame, context) -> {
			context.session().principal(principal);
			return Verdict.drop();
		}).principal("ana").open();
		assertThat(session.session().principal()).extracting(Principal::getName).isEqualTo("ana");
		assertThat(session.send("x").session().principal()).isSameAs(principal);
		assertThat(session.session().upgrade().principal()).extracting(Principal::getName).isEqualTo("ana");
	}

	@Test
	void requestThatOpensTheSession() {
		FramePolicy policy = (frame,
				context) -> Verdict.replyText(context.upgrade().headers().getFirst("X-Tenant") + " "
						+ context.upgrade().queryParams().getFirst("room") + " " + context.upgrade().routeId() + " "
						+ context.contentType());
		PolicyTester.inbound(policy)
			.header("X-Tenant", "blue")
			.upgrade((upgrade) -> upgrade.uri("/chat?room=a%20b").routeId("chat"))
			.contentType("text/plain")
			.send("x")
			.expectReplied("blue a b chat text/plain");
	}

	// Failures

	@Test
	void failureClosesTheSession() {
		PolicyTester.inbound(new Failing())
			.send("x")
			.expectFailure(UnsupportedOperationException.class)
			.expectClosed(CloseStatus.INTERNAL_ERROR)
			.expectTermination(Cause.POLICY_FAILURE);
	}

	@Test
	void failureDropsTheFrame() {
		PolicyTester.inbound(new Failing.Dropping()).send("x").expectDropped();
	}

	@Test
	void failureForwardsTheFrame() {
		PolicyTester.inbound(new Failing.Forwarding()).send("x").expectForwarded("x").expectOpen();
	}

	@Test
	void illegalVerdictFails() {
		always(Verdict.replace(CloseFrame.of(CloseStatus.NORMAL))).send("x").expectClosed(1011);
	}

	@Test
	void failureOfACallback() {
		PolicyTester.annotated(new Callbacks(List.of()))
			.open()
			.expectFailure(UnsupportedOperationException.class)
			.expectOpen();
	}

	// Order, fragments and control frames

	@Test
	void severalPoliciesInOrder() {
		PolicyTester.inbound(text("1"), text("2")).send("x").expectForwarded("x12");
	}

	private static TextPolicy text(String suffix) {
		return (text, context) -> Verdict.replaceText(text + suffix);
	}

	@Test
	void policyOnMessagesSeesNoFragments() {
		TextPolicy shout = (text, context) -> Verdict.replaceText(text.toUpperCase(Locale.ROOT));
		PolicyTester.inbound(shout).sendFragments("he", "l", "lo").expectForwardedFragments("HELLO");
	}

	@Test
	void fragmentsThatAreForwardedStayAsTheyAre() {
		SessionTester session = always(Verdict.forward()).sendFragments("he", "l", "lo")
			.expectForwardedFragments("he", "l", "lo");
		session.sendFragments("he", "llo").expectForwarded("hello").expectNothing();
	}

	@Test
	void policyOnFramesSeesFragments() {
		PolicyTester.inbound(new StarLongFragments())
			.sendFragments("he", "l", "lo")
			.expectForwardedFragments("**", "l", "**");
	}

	@Test
	void controlFramesPassUnlessAskedFor() {
		always(Verdict.drop()).send(PingFrame.of(BYTES)).expectForwarded(PingFrame.of(BYTES));
		PolicyTester.inbound(new AnswerPings()).send(PingFrame.of(BYTES)).expectReplied(PongFrame.of(BYTES));
	}

	@Test
	void closeFrameIsRelayed() {
		SessionTester session = always(Verdict.drop()).send(CloseFrame.of(CloseStatus.of(4000, "bye")));
		session.expectClosed(CloseStatus.of(4000, "bye")).expectTermination(Cause.CLOSE_FRAME);
		assertThatIllegalStateException().isThrownBy(() -> session.send("x"))
			.withMessageContaining("The client cannot send text \"x\": its connection is closed.");
	}

	// Both directions

	@Test
	void transcriptOfBothDirections() {
		SessionTester session = PolicyTester.annotated(new Shouting()).open();
		session.client().send("hello").expectForwarded("HELLO");
		session.upstream().send("Bye").expectForwarded("bye");
		session.send(CloseFrame.of(CloseStatus.EMPTY));
		session.expectTranscript("client sends text \"hello\"", "upstream gets text \"HELLO\"",
				"upstream sends text \"Bye\"", "client gets text \"bye\"", "upstream sends close (no status)",
				"client gets close (no status)", "client sends close (no status)", "upstream gets close (no status)",
				"session ends: CLOSE_FRAME");
	}

	@Test
	void contextForADirectCall() {
		FrameContext context = PolicyTester.annotated(new Shouting()).open().context(Direction.OUTBOUND);
		assertThat(new Shouting().apply("A", context)).isEqualTo(Verdict.replaceText("a"));
	}

	// What the kit says of failures

	@Test
	void failedExpectationShowsWhatHasHappened() {
		SessionTester session = PolicyTester.inbound(new Shouting()).send("a").advance(Duration.ofMillis(1500));
		session.send("b");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> session.expectForwarded("a"))
			.withMessage("Expected the upstream to get text \"a\", but it got text \"A\".\n\nTranscript:\n"
					+ "   0.000s  client sends text \"a\"\n" + "   0.000s      shouting returns replace (text \"A\")\n"
					+ "   0.000s  upstream gets text \"A\"\n" + "   1.500s  client sends text \"b\"\n"
					+ "   1.500s      shouting returns replace (text \"B\")\n"
					+ "   1.500s  upstream gets text \"B\"\n");
	}

	@Test
	void failedExpectationHasTheFailureOfThePolicyAsItsCause() {
		SessionTester session = PolicyTester.inbound(new Failing()).send("x");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> session.expectForwarded("x"))
			.withMessageContaining("Expected the upstream to get text \"x\", but it got close 1011.")
			.withCauseInstanceOf(UnsupportedOperationException.class);
	}

	@Test
	void expectationsFail() {
		assertFails("to get nothing more, but it got text \"x\"",
				() -> always(Verdict.forward()).send("x").expectDropped());
		assertFails("session to be open", () -> {
			SessionTester session = always(Verdict.close(CloseStatus.TOO_BIG)).send("x");
			session.expectClosed(1009).expectOpen();
		});
		assertFails("to get close 1008, but it got close 1009",
				() -> always(Verdict.close(CloseStatus.TOO_BIG)).send("x").expectClosed(1008));
		assertFails("to get close 1009 no, but it got close 1009.",
				() -> always(Verdict.close(CloseStatus.TOO_BIG)).send("x")
					.expectClosed(CloseStatus.TOO_BIG.withReason("no")));
		assertFails("to get text \"x\", but it got nothing more.",
				() -> always(Verdict.drop()).send("x").expectForwarded("x"));
		assertFails("to get text \"x\", but it got text \"y\".",
				() -> always(Verdict.replyText("y")).send("x").expectReplied("x"));
		assertFails("a verdict to be pending", () -> always(Verdict.drop()).send("x").expectHeld());
		assertFails("to end with POLICY, but it has not ended",
				() -> always(Verdict.drop()).send("x").expectTermination(Cause.POLICY));
		assertFails("a policy to throw java.lang.Exception, but none has",
				() -> always(Verdict.drop()).send("x").expectFailure(Exception.class));
		assertFails("Expected a verdict", () -> always(Verdict.drop()).open().verdict());
		assertFails("but it is\nclient sends text \"x\"", () -> always(Verdict.drop()).send("x").expectTranscript("y"));
		assertFails("to get text fragment \"he\", but it got text \"hello\"",
				() -> always(Verdict.forward()).send("hello").expectForwardedFragments("he", "llo"));
	}

	private static void assertFails(String message, Runnable expectation) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(expectation::run)
			.withMessageContaining(message)
			.withMessageContaining("Transcript:");
	}

	@Test
	void wrongUse() {
		assertThatIllegalArgumentException().isThrownBy(PolicyTester::inbound).withMessageContaining("policies: none");
		assertThatIllegalArgumentException().isThrownBy(() -> PolicyTester.outbound(new MaskCardNumbers()))
			.withMessageContaining("includes OUTBOUND; use inbound or annotated");
		assertThatIllegalArgumentException().isThrownBy(() -> always(Verdict.drop()).sendFragments("one"));
		assertThatIllegalArgumentException().isThrownBy(() -> PolicyTester.annotated(new TextOfFragments()))
			.withMessageContaining("'textOfFragments' (expected: a FramePolicy");
	}

	@WsPolicy(direction = Direction.INBOUND)
	static class MaskCardNumbers implements TextPolicy {

		private static final Pattern CARD = Pattern.compile("\\b(?:\\d{4} ){3}(\\d{4})\\b");

		@Override
		public Verdict apply(String text, FrameContext context) {
			assertThat(context.session().principal()).isNotNull();
			return Verdict.replaceText(CARD.matcher(text).replaceAll("**** **** **** $1"));
		}

	}

	static class FirstMessageToken implements FramePolicy {

		private static final String PASSED = FirstMessageToken.class.getName() + ".passed";

		private final String token;

		FirstMessageToken(String token) {
			this.token = token;
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			Map<String, Object> attributes = context.session().attributes();
			if (attributes.containsKey(PASSED)) {
				return Verdict.forward();
			}
			if (frame instanceof TextFrame text && text.text().equals(this.token)) {
				attributes.put(PASSED, true);
				return Verdict.drop();
			}
			return Verdict.close(CloseStatus.of(4401, "token expected"));
		}

	}

	/** Forwards so many texts of each session. */
	static class FirstMessages implements FramePolicyFactory<Integer> {

		@Override
		public String name() {
			return "first-messages";
		}

		@Override
		public Class<Integer> settingsType() {
			return Integer.class;
		}

		@Override
		public boolean perSession(Integer settings) {
			return true;
		}

		@Override
		public java.util.@Nullable Set<FrameType> types(Integer settings) {
			return java.util.Set.of(FrameType.TEXT);
		}

		@Override
		public FramePolicy create(Integer settings) {
			AtomicReference<Integer> left = new AtomicReference<>(settings);
			return (frame, context) -> (left.getAndUpdate((count) -> count - 1) > 0) ? Verdict.forward()
					: Verdict.drop();
		}

	}

	static class Callbacks implements FramePolicy {

		private final List<String> calls;

		Callbacks(List<String> calls) {
			this.calls = calls;
		}

		@Override
		public void onOpen(ProxiedSession session) {
			this.calls.add("open");
		}

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.drop();
		}

		@Override
		public void onDetached(ProxiedSession session) {
			this.calls.add("detached");
		}

		@Override
		public void onClose(ProxiedSession session, Termination termination) {
			this.calls.add("close " + termination.cause());
		}

	}

	static class Failing implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			throw new UnsupportedOperationException("expected by the test");
		}

		@WsPolicy(onError = OnError.DROP)
		static class Dropping extends Failing {

		}

		@WsPolicy(onError = OnError.FORWARD)
		static class Forwarding extends Failing {

		}

	}

	@WsPolicy(granularity = Granularity.FRAME)
	static class StarLongFragments implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return (frame.length() > 1) ? Verdict.replaceText("*".repeat(frame.length())) : Verdict.forward();
		}

	}

	@WsPolicy(types = FrameType.PING)
	static class AnswerPings implements FramePolicy {

		@Override
		public Verdict apply(Frame frame, FrameContext context) {
			return Verdict.reply(PongFrame.of(frame.toByteArray()));
		}

	}

	@WsPolicy(granularity = Granularity.FRAME)
	static class TextOfFragments implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.forward();
		}

	}

	static class Shouting implements TextPolicy {

		@Override
		public Verdict apply(String text, FrameContext context) {
			return Verdict.replaceText((context.direction() == Direction.INBOUND) ? text.toUpperCase(Locale.ROOT)
					: text.toLowerCase(Locale.ROOT));
		}

	}

}
