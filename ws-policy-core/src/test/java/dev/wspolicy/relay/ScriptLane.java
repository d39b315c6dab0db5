package dev.wspolicy.relay;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.frame.Payload;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the driver of a script does with the bytes that come from one side. Fails if the
 * relay settles a frame twice, or not at all.
 */
final class ScriptLane {

	private final ScriptDriver driver;

	private final Side from;

	/** What the peer has done while the direction was suspended. */
	private final Deque<Runnable> kept = new ArrayDeque<>();

	private final List<ScriptFrame> held = new ArrayList<>();

	/** What the relay has been given, and has not settled. */
	@Nullable Collected unsettled;

	boolean suspended;

	boolean discarded;

	boolean lost;

	private boolean reading;

	private boolean skipping;

	boolean midFrame;

	private @Nullable Disposition disposition;

	private @Nullable ScriptFrame frame;

	/** The control frame that the relay is being told of. */
	private @Nullable Collected control;

	ScriptLane(ScriptDriver driver, Side from) {
		this.driver = driver;
		this.from = from;
	}

	void read(Runnable event) {
		this.kept.add(event);
		readKept();
	}

	void resume() {
		this.suspended = false;
		readKept();
	}

	private void readKept() {
		if (this.reading) {
			return;
		}
		this.reading = true;
		try {
			Runnable event = this.suspended ? null : this.kept.poll();
			while (event != null) {
				event.run();
				event = this.suspended ? null : this.kept.poll();
			}
		}
		finally {
			this.reading = false;
		}
	}

	void header(ScriptFrame frame) {
		assertThat(this.midFrame).as("a frame is under way").isFalse();
		this.driver.relay().onRead(this.from, this.driver.nanos());
		this.midFrame = true;
		this.frame = frame;
		if (this.skipping) {
			return;
		}
		Disposition disposition = this.driver.relay()
			.onHeader(this.from.sends(), frame.firstByte(), frame.masked(this.from), frame.claimed(), frame.minimal());
		this.disposition = disposition;
		this.skipping = disposition == Disposition.DISCARD_ALL;
		if (disposition == Disposition.PASS) {
			target().begin(frame);
			this.driver.act(this.from.peer(), new RelayAction.ForwardBegins(this.from.peer(), frame));
		}
	}

	void payload() {
		assertThat(this.midFrame).as("a frame is under way").isTrue();
		this.midFrame = false;
		ScriptFrame frame = Objects.requireNonNull(this.frame);
		Disposition disposition = this.disposition;
		this.disposition = null;
		if (disposition == Disposition.PASS) {
			pass(frame);
		}
		else if (disposition == Disposition.AGGREGATE) {
			collect(frame);
		}
		else if (disposition == Disposition.CONTROL) {
			Collected control = new Collected(frame, null);
			this.control = control;
			give(control);
			this.driver.relay().onControl(this.from.sends(), control);
			this.control = null;
		}
	}

	private void give(Collected collected) {
		assertThat(this.unsettled).as("not settled").isNull();
		this.unsettled = collected;
	}

	private void pass(ScriptFrame frame) {
		target().end();
		if (target().isThere()) {
			List<RelayAction> actions = this.driver.actions();
			RelayAction begin = new RelayAction.ForwardBegins(this.from.peer(), frame);
			if (!actions.isEmpty() && actions.get(actions.size() - 1).equals(begin)) {
				actions.remove(actions.size() - 1);
			}
			actions.add(new RelayAction.Forward(this.from.peer(), frame));
		}
		this.driver.relay().onPassed(this.from.sends());
	}

	/** A data frame is whole. */
	void collect(ScriptFrame frame) {
		this.held.add(frame);
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		this.held.forEach((part) -> all.writeBytes(part.bytes()));
		Collected collected = new Collected(frame, all.toByteArray());
		give(collected);
		this.driver.relay().onAggregated(this.from.sends(), collected);
	}

	private ScriptPayload payload(byte[] bytes) {
		ScriptPayload payload = new ScriptPayload(bytes);
		this.driver.payloads().add(payload);
		return payload;
	}

	private void forward(ScriptFrame frame) {
		target().write(frame);
		this.driver.act(this.from.peer(), new RelayAction.Forward(this.from.peer(), frame));
	}

	void discardRest() {
		this.discarded = true;
		if (this.unsettled == null || !this.unsettled.isData()) {
			this.held.clear();
		}
		if (this.disposition == Disposition.AGGREGATE) {
			this.disposition = Disposition.DISCARD;
		}
	}

	private ScriptLeg target() {
		return this.driver.leg(this.from.peer());
	}

	/** Checks what is true of all sessions between two steps. */
	void check(boolean ended) {
		if (ended) {
			assertThat(this.suspended).as(this.from + " is suspended").isFalse();
		}
		if (ended || this.discarded) {
			assertThat(this.held).as("held of " + this.from).isEmpty();
		}
		if (ended || !this.suspended) {
			assertThat(this.unsettled).as("not settled of " + this.from).isNull();
		}
		if (!this.suspended && !this.held.isEmpty()) {
			assertThat(this.held.get(this.held.size() - 1).fin()).as("whole message held").isFalse();
		}
	}

	/**
	 * A frame that the relay has to settle once. Reading it afterwards fails.
	 */
	private final class Collected implements CollectedFrame {

		private final ScriptFrame frame;

		private final ScriptPayload own;

		/** The payload of all that is held; null for a control frame. */
		private final @Nullable ScriptPayload message;

		Collected(ScriptFrame frame, byte @Nullable [] message) {
			this.frame = frame;
			this.own = payload(frame.bytes());
			// As Netty's driver does: fragments without a byte leave no trace.
			this.message = (message != null && message.length != this.own.length()) ? payload(message) : null;
		}

		boolean isData() {
			return this.frame.type().isData();
		}

		@Override
		public Payload message() {
			return (this.message != null) ? this.message : this;
		}

		@Override
		public void forward() {
			boolean inPlace = ScriptLane.this.control == this;
			settle();
			if (isData()) {
				assertThat(ScriptLane.this.held).as("held").isNotEmpty();
				ScriptLane.this.held.forEach(ScriptLane.this::forward);
				ScriptLane.this.held.clear();
			}
			else if (inPlace) {
				ScriptLane.this.forward(this.frame);
			}
			else {
				target().write(this.frame);
				Side to = ScriptLane.this.from.peer();
				ScriptLane.this.driver.act(to, new RelayAction.Send(to, this.frame));
			}
		}

		@Override
		public void drop() {
			settle();
			if (isData()) {
				ScriptLane.this.held.clear();
			}
		}

		@Override
		public void keep() {
			assertThat(isData() && !this.frame.fin()).as("fragments follow").isTrue();
			settle();
		}

		private void settle() {
			assertThat(ScriptLane.this.unsettled).as("settled once").isSameAs(this);
			ScriptLane.this.unsettled = null;
			this.own.settle();
			if (this.message != null) {
				this.message.settle();
			}
		}

		@Override
		public int length() {
			return this.own.length();
		}

		@Override
		public byte[] bytes() {
			return this.own.bytes();
		}

		@Override
		public String text() {
			return this.own.text();
		}

		@Override
		public void release() {
			this.own.release();
		}

	}

}
