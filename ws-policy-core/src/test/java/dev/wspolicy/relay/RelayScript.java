package dev.wspolicy.relay;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.pipeline.Limits;
import dev.wspolicy.pipeline.PolicyBinding;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.WireOptions;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.FramePolicy;
import dev.wspolicy.policy.Granularity;
import dev.wspolicy.policy.Verdict;
import dev.wspolicy.session.ObservedVerdict;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.Side;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.Termination.Cause;
import dev.wspolicy.session.TrafficCounts;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A relay driven by hand: what the peers do is told step by step, and what the relay has
 * done about it is asserted, so that a test reads like a sequence diagram.
 *
 * <pre class="code">
 * script.receive(CLIENT, text("hi")).expect(forward(UPSTREAM, text("hi")));
 * </pre>
 *
 * Each step fails if an action of the one before it was not asserted, and so does the end
 * of the test. There is no I/O, no thread and no clock but the one that
 * {@link #advance(Duration)} moves. What is true of all sessions is checked at each step:
 * peers are only written what RFC 6455 allows, no bytes are held without need, alarms are
 * set once, payloads are not read after their memory is gone.
 */
final class RelayScript implements AfterEachCallback, RelayObserver {

	private final ScriptPipeline pipeline = new ScriptPipeline();

	private final ScriptDriver driver = new ScriptDriver(this::relay, this::context);

	private final ScriptSession session = new ScriptSession(this::relay);

	private @Nullable Side flushedTo;

	private boolean switchesOnFailure;

	private boolean ending;

	private @Nullable Termination termination;

	private @Nullable Relay relay;

	// The session

	/** Let a policy see the messages that come from a side. */
	RelayScript policy(Side from, FramePolicy policy) {
		return bind(from, this.pipeline.binding(from, policy));
	}

	/** Let a policy see the frames that come from a side. */
	RelayScript framePolicy(Side from, FramePolicy policy) {
		return bind(from, this.pipeline.binding(from, policy).granularity(Granularity.FRAME));
	}

	RelayScript bind(Side from, PolicyBinding binding) {
		this.pipeline.bind(from, binding);
		return this;
	}

	/** Leave a policy out of the pipeline that {@link #switchPipeline()} brings. */
	RelayScript unbind(Side from, String policy) {
		this.pipeline.unbind(from, policy);
		return this;
	}

	RelayScript limits(Side from, Limits limits) {
		this.pipeline.limits(from, limits);
		return this;
	}

	RelayScript lostStatuses(@Nullable CloseStatus lostUpstream, @Nullable CloseStatus lostClient) {
		this.pipeline.lostStatuses(lostUpstream, lostClient);
		return this;
	}

	RelayScript timeouts(Timeouts timeouts) {
		this.pipeline.timeouts(timeouts);
		return this;
	}

	RelayScript framing(WireOptions framing) {
		this.pipeline.framing(framing);
		return this;
	}

	/** The name of the principal of the client. */
	RelayScript client(String principal) {
		this.session.client(principal);
		return this;
	}

	/** Tell a tap of the frames from now on, and of what observed policies would do. */
	RelayScript tap(RelayTap tap) {
		this.session.tap(tap);
		return this;
	}

	// Steps

	/** Whole frames come from a side. */
	RelayScript receive(Side from, ScriptFrame... frames) {
		return step(() -> {
			for (ScriptFrame frame : frames) {
				this.driver.lane(from.sends()).read(() -> this.driver.lane(from.sends()).header(frame));
				this.driver.lane(from.sends()).read(() -> this.driver.lane(from.sends()).payload());
			}
		});
	}

	/** The header of a frame comes from a side, without the payload. */
	RelayScript header(Side from, ScriptFrame frame) {
		return step(() -> this.driver.lane(from.sends()).read(() -> this.driver.lane(from.sends()).header(frame)));
	}

	/** A part of the payload comes of the frame whose header has come. */
	RelayScript more(Side from) {
		return step(() -> relay().onRead(from, this.driver.nanos()));
	}

	/** The payload comes of the frame whose header has come. */
	RelayScript rest(Side from) {
		return step(() -> this.driver.lane(from.sends()).read(() -> this.driver.lane(from.sends()).payload()));
	}

	/** A frame is whole, although the relay has had its direction discarded. */
	RelayScript collect(Side from, ScriptFrame frame) {
		return step(() -> this.driver.lane(from.sends()).collect(frame));
	}

	/** The socket of a side is gone. */
	RelayScript lose(Side side) {
		return step(() -> {
			this.driver.leg(side).go();
			this.driver.lane(side.sends()).read(() -> {
				this.driver.lane(side.sends()).lost = true;
				this.driver.leg(side).lose();
				relay().onLost(side);
			});
		});
	}

	/** A side ends its stream, but can still be written to. */
	RelayScript endStream(Side side) {
		return step(() -> this.driver.lane(side.sends()).read(() -> relay().onEnded(side)));
	}

	/** From now on the socket of a side takes nothing by itself. */
	RelayScript takesNothing(Side side) {
		this.driver.leg(side).takesNothing();
		return this;
	}

	/** The socket of a side takes something of what waits for it. */
	RelayScript take(Side side) {
		this.driver.addTaken(side, 1);
		return this;
	}

	/**
	 * The socket of a side takes something of what is written in the next step, which is
	 * flushed when the relay has returned.
	 */
	RelayScript takesWhatIsFlushed(Side side) {
		this.flushedTo = side;
		return this;
	}

	/** What was written to a side grows on its way, as TLS makes it. */
	RelayScript wrap(Side side) {
		this.driver.addTaken(side, -1);
		return this;
	}

	/** The socket of a side takes all that waits for it. */
	RelayScript takeAll(Side side) {
		return step(() -> {
			take(side);
			if (this.driver.leg(side).takeAll()) {
				relay().onCloseWritten(side);
			}
		});
	}

	/** Time passes; alarms go off. */
	RelayScript advance(Duration duration) {
		return step(() -> this.driver.advance(duration));
	}

	/** Time passes within a step, while a policy judges; no alarm goes off. */
	void spend(Duration duration) {
		this.driver.spend(duration);
	}

	/** The frame that has begun does not go on. */
	RelayScript stall(Side from) {
		return step(() -> relay().onStalled(from.sends()));
	}

	/** The driver finds that what comes from a side is not what it must be. */
	RelayScript invalid(Side from, CloseStatus status) {
		return step(() -> relay().onInvalid(from.sends(), status, Cause.INVALID_PAYLOAD));
	}

	/** Policies and limits that were set since the session opened serve from now on. */
	RelayScript switchPipeline() {
		return step(() -> relay().switchPipeline(this.pipeline.build()));
	}

	/** The same happens while the relay tells of the next failure of a policy. */
	RelayScript switchesOnFailure() {
		this.switchesOnFailure = true;
		return this;
	}

	/** A side ceases to take what is written to it, or takes it again. */
	RelayScript writable(Side side, boolean writable) {
		return step(() -> {
			this.driver.writable(side, writable);
			relay().onWritability(side, writable);
		});
	}

	/** So much waits to be written to a side. */
	RelayScript unwritten(Side side, long bytes) {
		this.driver.unwritten(side, bytes);
		return this;
	}

	/** A side takes all that waits for it as soon as that is flushed. */
	RelayScript takesAllWhenFlushed(Side side) {
		this.driver.takesAllWhenFlushed(side);
		return this;
	}

	/** Somebody gives the gateway a frame to send. */
	RelayScript inject(Side to, Frame frame) {
		return step(() -> relay().send(to, frame));
	}

	/** Somebody closes the session. */
	RelayScript close(CloseStatus toClient, CloseStatus toUpstream) {
		return step(() -> relay().close(toClient, toUpstream, Cause.REQUESTED));
	}

	/** Something has failed in the relay or its driver. */
	RelayScript stop() {
		return step(() -> relay().stop());
	}

	/** The session is given up, and the driver sees to the sockets. */
	RelayScript abandon() {
		return step(() -> {
			for (Side side : Side.values()) {
				this.driver.leg(side).go();
				this.driver.leg(side).lose();
				this.driver.lane(side.sends()).lost = true;
			}
			relay().abandon();
		});
	}

	/** A verdict comes that a policy has promised. */
	RelayScript answer(CompletableFuture<Verdict> promise, @Nullable Verdict verdict) {
		return step(() -> promise.complete(verdict));
	}

	/** What a policy has promised fails. */
	RelayScript fail(CompletableFuture<Verdict> promise, Throwable failure) {
		return step(() -> promise.completeExceptionally(failure));
	}

	/** Tasks that other threads have handed in are run. */
	RelayScript turn() {
		return step(() -> {
		});
	}

	private RelayScript step(Runnable step) {
		expect();
		relay();
		step.run();
		if (this.flushedTo != null) {
			take(this.flushedTo);
			this.flushedTo = null;
		}
		this.driver.runTasks();
		checkInvariants();
		return this;
	}

	// Expectations

	/**
	 * These actions, and no others, have been taken since the last expectation.
	 * @param expected the actions, in order
	 * @return this script
	 */
	RelayScript expect(RelayAction... expected) {
		List<RelayAction> taken = List.copyOf(this.driver.actions());
		this.driver.actions().clear();
		assertThat(taken).containsExactly(expected);
		return this;
	}

	RelayScript expectNothing() {
		return expect();
	}

	/**
	 * What has been done since the last expectation, for tests that look for themselves.
	 */
	List<RelayAction> takeActions() {
		List<RelayAction> taken = List.copyOf(this.driver.actions());
		this.driver.actions().clear();
		return taken;
	}

	/** What observed policies would have done. */
	List<ObservedVerdict> observed() {
		return this.session.observed;
	}

	boolean isSuspended(Side from) {
		return this.driver.lane(from.sends()).suspended;
	}

	/** The frame that the relay has been given, and has not settled. */
	CollectedFrame unsettled(Side from) {
		return Objects.requireNonNull(this.driver.lane(from.sends()).unsettled);
	}

	boolean isDiscarded(Side from) {
		return this.driver.lane(from.sends()).discarded;
	}

	boolean isLost(Side side) {
		return this.driver.leg(side).isGone();
	}

	boolean isMidFrame(Side from) {
		return this.driver.lane(from.sends()).midFrame;
	}

	boolean isEnding() {
		return this.ending;
	}

	@Nullable Termination termination() {
		return this.termination;
	}

	/** How often the relay has asked for the time. */
	int clockReads() {
		return this.driver.clockReads();
	}

	/** How many tasks wait to be run. */
	int tasks() {
		return this.driver.tasks();
	}

	TrafficCounts counts(Side from) {
		return relay().status().counts(from.sends());
	}

	Relay relay() {
		Relay relay = this.relay;
		if (relay == null) {
			SessionPipeline pipeline = this.pipeline.build();
			relay = new Relay(pipeline, this.driver, this);
			this.relay = relay;
			pipeline.policies().forEach((policy) -> policy.onOpen(this.session));
			relay.start();
		}
		return relay;
	}

	ScriptDriver driver() {
		return this.driver;
	}

	ProxiedSession session() {
		return this.session;
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (context.getExecutionException().isEmpty()) {
			expect();
			checkInvariants();
		}
	}

	private void checkInvariants() {
		this.driver.check(this.termination != null);
		assertThat(relay().isOpen()).as("open").isNotEqualTo(this.ending);
	}

	private FrameContext context(Direction direction) {
		return new FrameContext() {

			@Override
			public Direction direction() {
				return direction;
			}

			@Override
			public ProxiedSession session() {
				return RelayScript.this.session;
			}

			@Override
			public String contentType() {
				return "application/json";
			}

		};
	}

	// RelayObserver

	@Override
	public void onPolicyFailure(Direction direction, PolicyBinding binding, Throwable failure) {
		this.driver.actions().add(new RelayAction.Failure(direction, binding.name(), failure.getClass()));
		if (this.switchesOnFailure) {
			this.switchesOnFailure = false;
			relay().switchPipeline(this.pipeline.build());
		}
	}

	@Override
	public void onHeartbeatMissed(Side side) {
		this.driver.actions().add(new RelayAction.HeartbeatMissed(side));
	}

	@Override
	public void onPipelineSwitched(Direction direction, SessionPipeline pipeline) {
		this.driver.actions().add(new RelayAction.PipelineSwitched(direction));
	}

	@Override
	public void onEnding() {
		assertThat(this.ending).as("told that the session ends").isFalse();
		assertThat(this.driver.alarms()).as("alarms of a session that ends")
			.isSubsetOf(RelayTimer.CLOSE, RelayTimer.INBOUND_VERDICT, RelayTimer.OUTBOUND_VERDICT);
		this.ending = true;
	}

	@Override
	public void onTerminated(Termination termination) {
		assertThat(this.ending).as("told that the session ends").isTrue();
		assertThat(this.termination).as("told before that the session is over").isNull();
		assertThat(Side.values()).as("lost").allMatch((side) -> this.driver.lane(side.sends()).lost);
		this.termination = termination;
		this.driver.actions().add(new RelayAction.Terminated(termination));
	}

}
