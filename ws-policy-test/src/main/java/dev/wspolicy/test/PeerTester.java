package dev.wspolicy.test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.BinaryFrame;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.TextFrame;

/**
 * One peer of a {@link SessionTester}. All methods that act or expect return to the
 * session.
 */
public final class PeerTester {

	private final SessionTester session;

	private final Peer peer;

	PeerTester(SessionTester session, Peer peer) {
		this.session = session;
		this.peer = peer;
	}

	/**
	 * Sends a text message.
	 * @param text the text
	 * @return the session, whose sender is this peer from now on
	 * @throws IllegalStateException if the connection is closed
	 */
	public SessionTester send(String text) {
		return send(TextFrame.of(text));
	}

	/**
	 * Sends a binary message.
	 * @param bytes the payload
	 * @return the session, whose sender is this peer from now on
	 * @throws IllegalStateException if the connection is closed
	 */
	public SessionTester send(byte[] bytes) {
		return send(BinaryFrame.of(bytes));
	}

	/**
	 * Sends a frame.
	 * @param frame a message, a control frame, or a fragment
	 * @return the session, whose sender is this peer from now on
	 * @throws IllegalStateException if the connection is closed
	 */
	public SessionTester send(Frame frame) {
		return this.session.send(this.peer.side(), WireFrame.of(frame));
	}

	/**
	 * Sends a text message in fragments.
	 * @param parts the payloads of the fragments, at least two
	 * @return the session, whose sender is this peer from now on
	 * @throws IllegalStateException if the connection is closed
	 */
	public SessionTester sendFragments(String... parts) {
		return this.session.send(this.peer.side(), SessionTester.fragments(parts));
	}

	/**
	 * Closes the connection without a closing handshake, as if it had been lost.
	 * @return the session
	 */
	public SessionTester disconnect() {
		this.session.underTest().perform(this.peer::disconnect);
		return this.session;
	}

	/**
	 * Expects that this peer gets a text message next, in one frame or in fragments.
	 * @param text the text
	 * @return the session
	 */
	public SessionTester expect(String text) {
		return expect(TextFrame.of(text));
	}

	/**
	 * Expects that this peer gets a binary message next, in one frame or in fragments.
	 * @param bytes the payload
	 * @return the session
	 */
	public SessionTester expect(byte[] bytes) {
		return expect(BinaryFrame.of(bytes));
	}

	/**
	 * Expects that this peer gets a frame next.
	 * @param frame a whole message or a control frame
	 * @return the session
	 */
	public SessionTester expect(Frame frame) {
		WireFrame expected = WireFrame.of(frame);
		return expect(expected.describe(), expected::isSame);
	}

	/**
	 * Expects that this peer gets a text message in fragments next.
	 * @param parts the payloads of the fragments
	 * @return the session
	 */
	public SessionTester expectFragments(String... parts) {
		this.session.underTest().await(() -> this.peer.received().size() >= parts.length);
		for (int i = 0; i < parts.length; i++) {
			WireFrame expected = WireFrame.fragment(i, parts.length, parts[i].getBytes(StandardCharsets.UTF_8));
			check(expected.describe(), expected::isSame, this.peer.received().nextFrame());
		}
		return this.session;
	}

	/**
	 * Expects that this peer gets a close frame next.
	 * @param status the status
	 * @return the session
	 */
	public SessionTester expectClosed(CloseStatus status) {
		return expect("close " + status, (frame) -> frame.isClose(status));
	}

	/**
	 * Expects that this peer gets a close frame next, with any reason.
	 * @param code the status code
	 * @return the session
	 */
	public SessionTester expectClosed(int code) {
		return expect("close " + code, (frame) -> frame.isClose(code));
	}

	/**
	 * Expects that no verdict is pending and that this peer has received nothing more.
	 * @return the session
	 */
	public SessionTester expectNothing() {
		this.session.underTest().await(() -> false);
		if (this.session.underTest().records().isPending()) {
			throw this.session.failure("Expected the " + this + " to get nothing more, but a verdict is pending.");
		}
		this.session.expectQuiet(this);
		return this.session;
	}

	/**
	 * Returns what this peer has received and no expectation has taken.
	 * @return a description of each frame, such as {@code text "hello"}
	 */
	public List<String> received() {
		this.session.underTest().settle();
		return this.peer.received().describe();
	}

	private SessionTester expect(String description, Predicate<WireFrame> expected) {
		this.session.underTest().await(this.peer.received()::hasNext);
		check(description, expected, this.peer.received().next());
		return this.session;
	}

	private void check(String description, Predicate<WireFrame> expected, @Nullable WireFrame actual) {
		if (actual == null) {
			throw this.session.failure("Expected the " + this + " to get " + description + ", but it got nothing more"
					+ (this.session.underTest().records().isPending() ? ": a verdict is pending" : "") + ".");
		}
		if (!expected.test(actual)) {
			throw this.session
				.failure("Expected the " + this + " to get " + description + ", but it got " + actual.describe() + ".");
		}
	}

	/** Returns {@code client} or {@code upstream}. */
	@Override
	public String toString() {
		return this.peer.name();
	}

}
