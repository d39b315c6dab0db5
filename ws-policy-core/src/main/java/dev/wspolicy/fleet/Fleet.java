package dev.wspolicy.fleet;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.session.Side;

/**
 * All gateways that act as one, or this gateway alone. Nothing happens before the
 * returned publisher is subscribed to. No method blocks.
 */
public final class Fleet {

	private final LocalGateway local;

	private final SessionDirectory directory;

	private final FleetCommands commands;

	/**
	 * Creates a fleet.
	 * @param local this gateway
	 * @param directory knows the sessions of all gateways
	 * @param commands sends commands to all gateways
	 */
	public Fleet(LocalGateway local, SessionDirectory directory, FleetCommands commands) {
		this.local = local;
		this.directory = directory;
		this.commands = commands;
	}

	/**
	 * Returns the name of this gateway.
	 * @return the name
	 */
	public String gateway() {
		return this.local.name();
	}

	/**
	 * Whether other gateways can belong to this fleet, even if there is none at present.
	 * @return {@code false} if this gateway is always alone
	 */
	public boolean isShared() {
		return !(this.directory instanceof LocalFleet);
	}

	/**
	 * Returns the live gateways.
	 * @return the gateways, sorted by name, including this one
	 */
	public Mono<List<FleetGateway>> gateways() {
		return this.directory.gateways();
	}

	/**
	 * Returns a page of the matching sessions.
	 * @param query the criteria and the page
	 * @return the sessions, oldest first
	 */
	public Mono<SessionList> sessions(SessionQuery query) {
		return this.directory.list(query);
	}

	/**
	 * Counts the matching sessions.
	 * @param selector the criteria
	 * @return a list whose {@code total} is the number of sessions
	 */
	public Mono<SessionList> count(SessionSelector selector) {
		return this.directory.list(new SessionQuery(selector, null, 1));
	}

	/**
	 * Finds a session.
	 * @param id its id
	 * @return a list of one, or an empty one
	 */
	public Mono<SessionList> find(String id) {
		return this.directory.find(id);
	}

	/**
	 * Closes sessions, with the same status on both legs.
	 * @param selector the sessions
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> close(SessionSelector selector, CloseStatus status) {
		return this.commands.send(new FleetCommand.Close(selector, status));
	}

	/**
	 * Closes sessions, each at a random moment, with the same status on both legs. New
	 * sessions are accepted.
	 * @param selector the sessions
	 * @param status the status
	 * @param window the time within which they are closed, at most
	 * {@link FleetCommand.Close#MAX_WINDOW}
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeWithin(SessionSelector selector, CloseStatus status, Duration window) {
		return this.commands.send(new FleetCommand.Close(selector, status, window));
	}

	/**
	 * Closes the session with an id.
	 * @param id the id
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeById(String id, CloseStatus status) {
		return close(SessionSelector.id(id), status);
	}

	/**
	 * Closes the sessions of a principal.
	 * @param name the name of the principal
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeByPrincipal(String name, CloseStatus status) {
		return close(SessionSelector.principal(name), status);
	}

	/**
	 * Closes the sessions of a route.
	 * @param id the id of the route
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeByRoute(String id, CloseStatus status) {
		return close(SessionSelector.route(id), status);
	}

	/**
	 * Closes the sessions of a client address.
	 * @param address the address, without the port
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeByAddress(String address, CloseStatus status) {
		return close(SessionSelector.address(address), status);
	}

	/**
	 * Closes all sessions.
	 * @param status the status
	 * @return the outcome
	 */
	public Mono<FleetOutcome> closeAll(CloseStatus status) {
		return close(SessionSelector.ALL, status);
	}

	/**
	 * Sends text to one side of sessions, bypassing all policies.
	 * @param selector the sessions
	 * @param side the recipient
	 * @param text the text, at most {@value FleetCommand.Send#MAX_TEXT} characters
	 * @return the outcome
	 */
	public Mono<FleetOutcome> send(SessionSelector selector, Side side, String text) {
		return this.commands.send(new FleetCommand.Send(selector, side, text));
	}

	/**
	 * Begins to drain a gateway.
	 * @param gateway the name of the gateway
	 * @param window the time within which the sessions are closed; {@code null} for the
	 * configured one
	 * @param status the status for the clients; {@code null} for the configured one
	 * @return the outcome
	 */
	public Mono<FleetOutcome> drain(String gateway, @Nullable Duration window, @Nullable CloseStatus status) {
		return this.commands.send(new FleetCommand.BeginDrain(gateway, window, status));
	}

	/**
	 * Ends the drain of a gateway.
	 * @param gateway the name of the gateway
	 * @return the outcome
	 */
	public Mono<FleetOutcome> endDrain(String gateway) {
		return this.commands.send(new FleetCommand.EndDrain(gateway));
	}

	/**
	 * Overrides how far a policy is rolled out.
	 * @param override the override
	 * @return the outcome
	 */
	public Mono<FleetOutcome> switchPolicy(RolloutOverride override) {
		return this.commands.send(new FleetCommand.SwitchPolicy(override));
	}

	/**
	 * Undoes overrides of how far a policy is rolled out.
	 * @param target the policy; overrides of less than that are undone, too
	 * @return the outcome
	 */
	public Mono<FleetOutcome> undoSwitch(PolicyTarget target) {
		return this.commands.send(new FleetCommand.UndoSwitch(target));
	}

}
