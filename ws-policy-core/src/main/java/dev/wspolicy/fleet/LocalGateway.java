package dev.wspolicy.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.fleet.FleetOutcome.Answer;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.TextFrame;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.session.Drain;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionRegistry;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.TrafficCounts;

/**
 * This gateway, as a member of the fleet: describes its sessions and executes commands on
 * them. Safe from any thread.
 */
public final class LocalGateway implements SessionListener {

	/** What is shown instead of a value that may be a secret. */
	private static final String HIDDEN = "******";

	private final String name;

	private final SessionRegistry registry;

	private final Supplier<? extends @Nullable Drain> drain;

	private final RevocationList revocations;

	private final Predicate<String> knownSubprotocols;

	private final Supplier<? extends @Nullable PolicySwitch> policies;

	private final Instant startedAt = Instant.now();

	private final ClosedTraffic inbound = new ClosedTraffic();

	private final ClosedTraffic outbound = new ClosedTraffic();

	/**
	 * Creates the gateway.
	 * @param name its name
	 * @param registry its live sessions
	 * @param drain returns what drains it, or {@code null} if it cannot be drained
	 * @param revocations what has been revoked
	 * @param knownSubprotocols the subprotocols that are certainly not tokens
	 */
	public LocalGateway(String name, SessionRegistry registry, Supplier<? extends @Nullable Drain> drain,
			RevocationList revocations, Predicate<String> knownSubprotocols) {
		this(name, registry, drain, revocations, knownSubprotocols, () -> null);
	}

	/**
	 * Creates a gateway whose policies can be switched.
	 * @param name its name
	 * @param registry its live sessions
	 * @param drain returns what drains it, or {@code null} if it cannot be drained
	 * @param revocations what has been revoked
	 * @param knownSubprotocols the subprotocols that are certainly not tokens
	 * @param policies returns what changes how far policies are rolled out, or
	 * {@code null} if there are no policies
	 */
	public LocalGateway(String name, SessionRegistry registry, Supplier<? extends @Nullable Drain> drain,
			RevocationList revocations, Predicate<String> knownSubprotocols,
			Supplier<? extends @Nullable PolicySwitch> policies) {
		this.name = name;
		this.registry = registry;
		this.drain = drain;
		this.revocations = revocations;
		this.knownSubprotocols = knownSubprotocols;
		this.policies = policies;
	}

	/**
	 * Returns its name.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns its live sessions.
	 * @return a weakly consistent stream
	 */
	public Stream<ProxiedSession> sessions() {
		return this.registry.stream();
	}

	/**
	 * Returns the number of its live sessions.
	 * @return the number
	 */
	public int size() {
		return this.registry.size();
	}

	/**
	 * Whether it refuses new sessions and closes the live ones.
	 * @return {@code true} while it drains
	 */
	public boolean isDraining() {
		return this.registry.isDraining();
	}

	/**
	 * Describes its state.
	 * @return the current state
	 */
	public FleetGateway describe() {
		return new FleetGateway(this.name, this.startedAt, this.registry.size(), this.registry.isDraining(),
				this.registry.drain().orElse(null), this.inbound.plus(sessions(), Direction.INBOUND),
				this.outbound.plus(sessions(), Direction.OUTBOUND), Duration.ZERO, true);
	}

	/**
	 * Describes one of its sessions.
	 * @param session the session
	 * @return the entry
	 */
	public SessionEntry describe(ProxiedSession session) {
		String subprotocol = session.upgrade().subprotocol();
		boolean hidden = subprotocol != null && !this.knownSubprotocols.test(subprotocol);
		return SessionEntry.of(session, this.name, hidden ? HIDDEN : subprotocol);
	}

	/**
	 * Describes one of its sessions.
	 * @param id the id of the session
	 * @return the entry, or {@code null} if there is no such session
	 */
	public @Nullable SessionEntry find(String id) {
		return this.registry.find(id).map(this::describe).orElse(null);
	}

	/**
	 * Returns a page of its sessions.
	 * @param query the criteria and the page
	 * @return the page
	 */
	public SessionPage<SessionEntry> list(SessionQuery query) {
		SessionPage.Selection<ProxiedSession> selection = new SessionPage.Selection<>(query.after(), query.limit());
		sessions().filter(query.selector().at(Instant.now()))
			.forEach((session) -> selection.offer(SessionCursor.of(session), session));
		SessionPage<ProxiedSession> page = selection.page();
		return new SessionPage<>(page.sessions().stream().map(this::describe).toList(), page.total(), page.next());
	}

	/**
	 * Whether a command is meant for this gateway.
	 * @param command the command
	 * @return {@code true} if this gateway executes it
	 */
	public boolean executes(FleetCommand command) {
		return command.gateway() == null || this.name.equals(command.gateway());
	}

	/**
	 * Executes a command.
	 * @param command the command
	 * @return the answer; a command that fails is answered with its problem
	 */
	public Answer execute(FleetCommand command) {
		try {
			return new Answer(this.name, sessionsOf(command));
		}
		catch (RuntimeException ex) {
			return new Answer(this.name, 0, String.valueOf(ex.getMessage()));
		}
	}

	private long sessionsOf(FleetCommand command) {
		if (command instanceof FleetCommand.Close close) {
			return forEach(close.selector(), close::carryOut);
		}
		if (command instanceof FleetCommand.Send send) {
			return forEach(send.selector(), (session) -> session.send(send.side(), TextFrame.of(send.text())));
		}
		if (command instanceof FleetCommand.Revoke revoke) {
			return this.revocations.add(List.of(revoke.revocation()));
		}
		if (command instanceof FleetCommand.SwitchPolicy override) {
			return policies().set(override.override());
		}
		if (command instanceof FleetCommand.UndoSwitch undo) {
			return policies().undo(undo.target());
		}
		Drain drain = this.drain.get();
		if (drain == null) {
			throw new IllegalStateException("draining: not available because 'ws-policy.enabled' is false");
		}
		if (command instanceof FleetCommand.BeginDrain begin) {
			drain.begin(begin.window(), begin.status());
		}
		else {
			drain.cancel();
		}
		return this.registry.size();
	}

	private PolicySwitch policies() {
		PolicySwitch policies = this.policies.get();
		if (policies == null) {
			throw new IllegalStateException("policies: none because 'ws-policy.enabled' is false");
		}
		return policies;
	}

	private long forEach(SessionSelector selector, Consumer<ProxiedSession> action) {
		Stream<ProxiedSession> candidates = (selector.id() != null) ? this.registry.find(selector.id()).stream()
				: sessions();
		LongAdder count = new LongAdder();
		candidates.filter(selector.at(Instant.now()).and(ProxiedSession::isOpen)).forEach((session) -> {
			action.accept(session);
			count.increment();
		});
		return count.sum();
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.inbound.add(session.counts(Direction.INBOUND));
		this.outbound.add(session.counts(Direction.OUTBOUND));
	}

	/** The traffic of closed sessions in one direction. */
	private static final class ClosedTraffic {

		private final LongAdder frames = new LongAdder();

		private final LongAdder messages = new LongAdder();

		private final LongAdder bytes = new LongAdder();

		void add(TrafficCounts counts) {
			this.frames.add(counts.frames());
			this.messages.add(counts.messages());
			this.bytes.add(counts.bytes());
		}

		TrafficCounts plus(Stream<ProxiedSession> live, Direction direction) {
			ClosedTraffic sum = new ClosedTraffic();
			live.forEach((session) -> sum.add(session.counts(direction)));
			return new TrafficCounts(this.frames.sum() + sum.frames.sum(), this.messages.sum() + sum.messages.sum(),
					this.bytes.sum() + sum.bytes.sum());
		}

	}

}
