package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions of one event loop whose policies act on each other, in chains so long that
 * none may run on the stack of another.
 */
class ManySessionsTests {

	private static final int SESSIONS = 2000;

	private final LiveSessions registry = new LiveSessions();

	private final List<EmbeddedSession> sessions = new ArrayList<>();

	@AfterEach
	void close() {
		this.sessions.forEach(EmbeddedSession::close);
	}

	@Test
	void eachGivesTheNextOneItsVerdict() {
		List<CompletableFuture<Verdict>> verdicts = new ArrayList<>();
		for (int i = 0; i < SESSIONS; i++) {
			int number = i;
			verdicts.add(new CompletableFuture<>());
			open((frame, context) -> {
				if (text(frame).equals("next") && number + 1 < SESSIONS) {
					verdicts.get(number + 1).complete(Verdict.forward());
				}
				return text(frame).equals("wait") ? Verdict.later(verdicts.get(number)) : Verdict.forward();
			});
			receive(number, "wait", "next");
		}
		verdicts.get(0).complete(Verdict.forward());
		runAll();
		assertThat(this.sessions)
			.allSatisfy((session) -> assertThat(session.channel(Side.UPSTREAM).outboundMessages()).isNotEmpty());
	}

	@Test
	void eachClosesTheNextOne() {
		for (int i = 0; i < SESSIONS; i++) {
			int number = i;
			CompletableFuture<Verdict> cancelled = new CompletableFuture<>();
			open((frame, context) -> new Verdict.Later(cancelled, () -> {
				if (number + 1 < SESSIONS) {
					this.sessions.get(number + 1).session().close(CloseStatus.NORMAL);
				}
			}));
			receive(number, "wait");
		}
		this.sessions.get(0).session().close(CloseStatus.NORMAL);
		runAll();
		assertThat(this.sessions).noneMatch((session) -> session.session().isOpen());
	}

	@Test
	void whatASessionIsToldByItsOwnPolicyIsDoneAtOnce() {
		open((frame, context) -> {
			context.session().send(Side.UPSTREAM, TextFrame.of("before"));
			return Verdict.forward();
		});
		receive(0, "x");
		ByteBuf first = (ByteBuf) this.sessions.get(0).channel(Side.UPSTREAM).outboundMessages().peek();
		assertThat(first.readableBytes()).isEqualTo(WireFrame.text("before").masked().encode().length);
	}

	private static String text(Frame frame) {
		return ((TextFrame) frame).text();
	}

	private void open(FramePolicy policy) {
		this.sessions.add(EmbeddedSession.builder()
			.id("session-" + this.sessions.size())
			.inbound(List.of(PolicyBinding.of("policy", policy)))
			.registry(this.registry)
			.open());
	}

	private void receive(int session, String... texts) {
		for (String text : texts) {
			this.sessions.get(session).read(Side.CLIENT, WireFrame.text(text));
		}
	}

	/** Run all tasks, those included that other sessions have handed in meanwhile. */
	private void runAll() {
		this.sessions.forEach(EmbeddedSession::runTasks);
	}

}
