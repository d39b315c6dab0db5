package dev.wspolicy.test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;

/**
 * A session without sockets whose peers a test plays. What a peer receives is kept in
 * order until it is expected: each expectation takes the next message, and fails if it is
 * another one.
 * <p>
 * One of the peers is the sender: the one that has sent last, initially the client, or
 * the upstream with {@link PolicyTester#outbound}. The methods {@code expectForwarded}
 * and {@code expectReplied} refer to it. {@link #client()} and {@link #upstream()} name a
 * peer instead.
 * <p>
 * Time stands still unless the test {@linkplain #advance advances} it: that goes for
 * {@link ProxiedSession#schedule} and for all timeouts. A verdict that another thread
 * supplies takes real time, so an expectation waits for it, but for no longer than 5
 * seconds. Peers answer a close frame and close their connections as WebSocket endpoints
 * do.
 * <p>
 * An expectation that is not met throws an {@link AssertionError}, whose message has the
 * {@linkplain #transcript() transcript} and whose cause is what a policy has thrown last.
 * Not safe for use by other threads than the one that opened the session.
 */
public final class SessionTester {

	private final SessionUnderTest session;

	private Side sender;

	SessionTester(SessionUnderTest session, Side sender) {
		this.session = session;
		this.sender = sender;
	}

	// What happens

	/**
	 * Sends a text message from the sender.
	 * @param text the text
	 * @return this session
	 * @throws IllegalStateException if the connection of the sender is closed
	 */
	public SessionTester send(String text) {
		return send(TextFrame.of(text));
	}

	/**
	 * Sends a binary message from the sender.
	 * @param bytes the payload
	 * @return this session
	 * @throws IllegalStateException if the connection of the sender is closed
	 */
	public SessionTester send(byte[] bytes) {
		return send(BinaryFrame.of(bytes));
	}

	/**
	 * Sends a frame from the sender.
	 * @param frame a message, a control frame, or a fragment
	 * @return this session
	 * @throws IllegalStateException if the connection of the sender is closed
	 */
	public SessionTester send(Frame frame) {
		return send(this.sender, WireFrame.of(frame));
	}

	/**
	 * Sends a text message in fragments from the sender.
	 * @param parts the payloads of the fragments, at least two
	 * @return this session
	 * @throws IllegalStateException if the connection of the sender is closed
	 */
	public SessionTester sendFragments(String... parts) {
		return send(this.sender, fragments(parts));
	}

	static WireFrame[] fragments(String... parts) {
		if (parts.length < 2) {
			throw new IllegalArgumentException("parts: " + parts.length + " (expected: at least 2)");
		}
		WireFrame[] fragments = new WireFrame[parts.length];
		for (int i = 0; i < parts.length; i++) {
			fragments[i] = WireFrame.fragment(i, parts.length, parts[i].getBytes(StandardCharsets.UTF_8));
		}
		return fragments;
	}

	SessionTester send(Side side, WireFrame... frames) {
		this.sender = side;
		this.session.perform(() -> Stream.of(frames).forEach(this.session.peer(side)::send));
		return this;
	}

	/**
	 * Returns the client, to send from it or to look at what it receives.
	 * @return the client
	 */
	public PeerTester client() {
		return new PeerTester(this, this.session.peer(Side.CLIENT));
	}

	/**
	 * Returns the upstream, to send from it or to look at what it receives.
	 * @return the upstream
	 */
	public PeerTester upstream() {
		return new PeerTester(this, this.session.peer(Side.UPSTREAM));
	}

	/**
	 * Lets time pass on the virtual clock. Timers and timeouts go off at their time, in
	 * order.
	 * @param duration how much time passes
	 * @return this session
	 */
	public SessionTester advance(Duration duration) {
		this.session.advance(duration);
		return this;
	}

	/**
	 * Continues the session without its policies, as a refresh does that removes them
	 * from the pipeline. They are called with {@code onDetached}.
	 * @return this session
	 */
	public SessionTester detachPolicies() {
		this.session.detachPolicies();
		return this;
	}

	// What is expected

	/**
	 * Expects that a text message has been forwarded: the other peer gets it next, in one
	 * frame or in fragments.
	 * @param text the text
	 * @return this session
	 */
	public SessionTester expectForwarded(String text) {
		return target().expect(text);
	}

	/**
	 * Expects that a binary message has been forwarded: the other peer gets it next, in
	 * one frame or in fragments.
	 * @param bytes the payload
	 * @return this session
	 */
	public SessionTester expectForwarded(byte[] bytes) {
		return target().expect(bytes);
	}

	/**
	 * Expects that a frame has been forwarded: the other peer gets it next.
	 * @param frame a whole message or a control frame
	 * @return this session
	 */
	public SessionTester expectForwarded(Frame frame) {
		return target().expect(frame);
	}

	/**
	 * Expects that a text message has been forwarded in fragments: the other peer gets
	 * them next.
	 * @param parts the payloads of the fragments
	 * @return this session
	 */
	public SessionTester expectForwardedFragments(String... parts) {
		return target().expectFragments(parts);
	}

	/**
	 * Expects that the sender got a text message in reply.
	 * @param text the text
	 * @return this session
	 */
	public SessionTester expectReplied(String text) {
		return source().expect(text);
	}

	/**
	 * Expects that the sender got a binary message in reply.
	 * @param bytes the payload
	 * @return this session
	 */
	public SessionTester expectReplied(byte[] bytes) {
		return source().expect(bytes);
	}

	/**
	 * Expects that the sender got a frame in reply.
	 * @param frame a whole message or a control frame
	 * @return this session
	 */
	public SessionTester expectReplied(Frame frame) {
		return source().expect(frame);
	}

	/**
	 * Expects that what has been sent was dropped: no verdict is pending, neither peer
	 * has received anything more, and the session is open.
	 * @return this session
	 */
	public SessionTester expectDropped() {
		return expectNothing().expectOpen();
	}

	/**
	 * Expects that a verdict is pending and that neither peer has received anything more.
	 * @return this session
	 */
	public SessionTester expectHeld() {
		this.session.settle();
		if (!this.session.records().isPending()) {
			throw failure("Expected a verdict to be pending, but none is.");
		}
		expectQuiet(client());
		expectQuiet(upstream());
		return this;
	}

	/**
	 * Expects that no verdict is pending and that neither peer has received anything
	 * more.
	 * @return this session
	 */
	public SessionTester expectNothing() {
		return client().expectNothing().upstream().expectNothing();
	}

	/**
	 * Expects that the session is open: neither leg has begun to close.
	 * @return this session
	 */
	public SessionTester expectOpen() {
		this.session.settle();
		if (!session().isOpen()) {
			throw failure("Expected the session to be open, but it is closed.");
		}
		return this;
	}

	/**
	 * Expects that both peers get a close frame next, with the same status.
	 * @param status the status
	 * @return this session
	 */
	public SessionTester expectClosed(CloseStatus status) {
		return expectClosed(status, status);
	}

	/**
	 * Expects that both peers get a close frame next, each with its own status.
	 * @param toClient the status for the client
	 * @param toUpstream the status for the upstream
	 * @return this session
	 */
	public SessionTester expectClosed(CloseStatus toClient, CloseStatus toUpstream) {
		return client().expectClosed(toClient).upstream().expectClosed(toUpstream);
	}

	/**
	 * Expects that both peers get a close frame next, with the same code and any reason.
	 * @param code the status code
	 * @return this session
	 */
	public SessionTester expectClosed(int code) {
		return client().expectClosed(code).upstream().expectClosed(code);
	}

	/**
	 * Expects that the session has ended: both connections are closed.
	 * @param cause why it has ended
	 * @return this session
	 */
	public SessionTester expectTermination(Cause cause) {
		this.session.await(() -> this.session.termination() != null);
		Termination termination = this.session.termination();
		if (termination == null || termination.cause() != cause) {
			throw failure("Expected the session to end with " + cause + ", but "
					+ ((termination != null) ? "it ended with " + termination.cause() : "it has not ended") + ".");
		}
		return this;
	}

	/**
	 * Expects that a policy has thrown an exception, in a verdict or a callback. Forgets
	 * it.
	 * @param type the type of the exception
	 * @return this session
	 */
	public SessionTester expectFailure(Class<? extends Throwable> type) {
		this.session.await(() -> this.session.records().lastFailure() != null);
		Throwable failure = this.session.records().takeFailure();
		if (!type.isInstance(failure)) {
			throw failure("Expected a policy to throw " + type.getName() + ", but "
					+ ((failure != null) ? "it threw " + failure : "none has thrown anything") + ".", failure);
		}
		return this;
	}

	/**
	 * Expects exactly these lines in the {@linkplain #transcript() transcript} so far.
	 * @param lines the lines, such as {@code client sends text "hello"}
	 * @return this session
	 */
	public SessionTester expectTranscript(String... lines) {
		List<String> expected = List.of(lines);
		this.session.await(() -> transcript().lines().size() >= expected.size());
		if (!transcript().lines().equals(expected)) {
			throw failure("Expected the transcript\n" + String.join("\n", expected) + "\n\nbut it is\n"
					+ String.join("\n", transcript().lines()));
		}
		return this;
	}

	// What can be looked at

	/**
	 * Returns the session as policies see it.
	 * @return the session
	 */
	public ProxiedSession session() {
		return this.session.session();
	}

	/**
	 * Returns a context of the session, to call a policy without sending a frame.
	 * @param direction the direction
	 * @return the context
	 */
	public FrameContext context(Direction direction) {
		return new TestFrameContext(direction, session(), this.session.contentType());
	}

	/**
	 * Returns the last verdict of a policy in this session. Waits for a verdict that
	 * comes later.
	 * @return the verdict
	 */
	public Verdict verdict() {
		this.session.await(() -> false);
		Verdict verdict = this.session.records().lastVerdict();
		if (verdict == null) {
			throw failure("Expected a verdict, but no policy has returned one.");
		}
		return verdict;
	}

	/**
	 * Returns how the session has ended.
	 * @return the termination, or {@code null} if it has not ended
	 */
	public @Nullable Termination termination() {
		this.session.settle();
		return this.session.termination();
	}

	/**
	 * Returns what has happened so far, in both directions.
	 * @return the transcript, which grows with the session
	 */
	public Transcript transcript() {
		this.session.settle();
		return this.session.transcript();
	}

	private PeerTester source() {
		return new PeerTester(this, this.session.peer(this.sender));
	}

	private PeerTester target() {
		return new PeerTester(this, this.session.peer(this.sender.peer()));
	}

	SessionUnderTest underTest() {
		return this.session;
	}

	void expectQuiet(PeerTester peer) {
		List<String> received = peer.received();
		if (!received.isEmpty()) {
			throw failure(
					"Expected the " + peer + " to get nothing more, but it got " + String.join(", ", received) + ".");
		}
	}

	AssertionError failure(String message) {
		return failure(message, this.session.records().lastFailure());
	}

	private AssertionError failure(String message, @Nullable Throwable cause) {
		return new AssertionError(message + this.session.transcript().appendix(), cause);
	}

	/** Returns the transcript. */
	@Override
	public String toString() {
		return Objects.toString(this.session.transcript());
	}

	private record TestFrameContext(Direction direction, ProxiedSession session,
			String contentType) implements FrameContext {

	}

}
