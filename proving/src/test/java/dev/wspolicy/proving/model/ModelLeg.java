package dev.wspolicy.proving.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** What a peer gets. */
final class ModelLeg {

	/** Whole messages and control frames, in order, with their types. */
	final List<String> got = new ArrayList<>();

	/** The close frame that the peer gets last. */
	@Nullable Integer close;

	/** The close frame that the peer has sent. */
	@Nullable Integer received;

	/** The peer is lost: what it gets in the end does not matter. */
	boolean lost;

	boolean gone;

	private boolean inMessage;

	private String message = "";

	/** Messages that wait for the end of another one. */
	private final Deque<String> waiting = new ArrayDeque<>();

	private boolean isWritable() {
		return this.close == null && !this.gone;
	}

	void relay(String text, boolean fin) {
		this.message += text;
		this.inMessage = !fin;
		if (fin) {
			this.got.add("text " + this.message);
			this.message = "";
			this.got.addAll(this.waiting);
			this.waiting.clear();
		}
	}

	void insert(String type, String text) {
		if (isWritable()) {
			((this.inMessage && type.equals("text")) ? this.waiting : this.got).add(type + " " + text);
		}
	}

	void close(int code) {
		if (isWritable()) {
			this.close = code;
			this.waiting.clear();
		}
	}

	void receives(int code) {
		this.received = (this.received != null) ? this.received : Integer.valueOf(code);
	}

	int ownCodeOr(int code) {
		return (this.received != null) ? this.received : code;
	}

}
