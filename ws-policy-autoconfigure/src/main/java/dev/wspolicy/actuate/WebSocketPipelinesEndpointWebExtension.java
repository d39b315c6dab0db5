package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationEventPublisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.Fleet;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.policy.PolicyMode;
import dev.wspolicy.rollout.PolicyList;
import dev.wspolicy.rollout.PolicySwitch;
import dev.wspolicy.rollout.PolicyTarget;
import dev.wspolicy.rollout.Rollout;
import dev.wspolicy.rollout.RolloutOverride;
import dev.wspolicy.rollout.UnknownPolicyException;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the
 * {@link WebSocketPipelinesEndpoint} that changes how far policies are rolled out, at
 * once, for new sessions and for live ones, and explains which routes there are.
 */
@EndpointWebExtension(endpoint = WebSocketPipelinesEndpoint.class)
public class WebSocketPipelinesEndpointWebExtension {

	private static final Duration MAX_DURATION = Duration.ofDays(365);

	private final WebSocketPipelinesEndpoint delegate;

	private final Mono<Map<String, String>> routes;

	private final PolicySwitch policies;

	private final Fleet fleet;

	private final boolean fleetByDefault;

	private final OperatorAudit audit;

	/**
	 * Creates an extension.
	 * @param delegate the endpoint to extend
	 * @param routes emits the current names of pipelines by route id
	 * @param policies changes how far policies are rolled out on this gateway
	 * @param fleet the gateways
	 * @param fleetByDefault whether requests concern all gateways unless they say
	 * otherwise
	 * @param events publishes the audit events
	 */
	public WebSocketPipelinesEndpointWebExtension(WebSocketPipelinesEndpoint delegate, Mono<Map<String, String>> routes,
			PolicySwitch policies, Fleet fleet, boolean fleetByDefault, ApplicationEventPublisher events) {
		this.delegate = delegate;
		this.routes = routes;
		this.policies = policies;
		this.fleet = fleet;
		this.fleetByDefault = fleetByDefault;
		this.audit = new OperatorAudit(events);
	}

	/**
	 * Return the pipeline of one route.
	 * @param route the id of the route
	 * @return 200 with the pipeline, or 404
	 */
	@ReadOperation
	public Mono<WebEndpointResponse<Object>> pipeline(@Selector(match = Match.ALL_REMAINING) String... route) {
		return this.delegate.pipeline(route)
			.map((pipeline) -> new WebEndpointResponse<Object>(pipeline))
			.switchIfEmpty(this.routes.map((served) -> noRoute(String.join("/", route), served)));
	}

	private static WebEndpointResponse<Object> noRoute(String id, Map<String, String> served) {
		return new WebEndpointResponse<>(
				new Problem("route: no WebSocket route '" + id + "'"
						+ KnownRoutes.expected(served.keySet(), ", or any other")),
				WebEndpointResponse.STATUS_NOT_FOUND);
	}

	/**
	 * Override how far a policy is rolled out. Requires a mode or a share.
	 * @param securityContext the security context of the request
	 * @param pipeline the name of the pipeline
	 * @param policy the name of the policy
	 * @param mode {@code enforce} (by default), {@code observe} or {@code off}
	 * @param share the share of the clients that the mode applies to, as a percentage;
	 * all by default
	 * @param rest the mode for the other clients
	 * @param forDuration how long the override lasts; until it is undone by default
	 * @param route the id of the route whose sessions are meant; all by default
	 * @param direction the list that has the policy: {@code upgrade}, {@code inbound} or
	 * {@code outbound}; all by default
	 * @param fleet {@code true} for all gateways
	 * @return 200 with the number of live sessions, 400, or 404
	 */
	@WriteOperation
	public Mono<WebEndpointResponse<Object>> override(SecurityContext securityContext, @Selector String pipeline,
			@Selector String policy, @Nullable String mode, @Nullable String share, @Nullable String rest,
			@Nullable String forDuration, @Nullable String route, @Nullable String direction, @Nullable Boolean fleet) {
		return answer(() -> {
			if (mode == null && share == null) {
				throw Problem.invalid("mode and share: neither is set (expected: one of them or both)");
			}
			Rollout rollout = Rollout.of(value("mode", mode, PolicyMode.class), share,
					value("rest", rest, PolicyMode.class));
			Duration duration = duration(forDuration);
			Instant now = Instant.now();
			RolloutOverride override = new RolloutOverride(
					new PolicyTarget(pipeline, policy, value("direction", direction, PolicyList.class), route), rollout,
					nameOf(securityContext), now, (duration != null) ? now.plus(duration) : null);
			// Before other gateways are told.
			this.policies.check(override);
			boolean all = isForAll(fleet);
			return checkRoute(override.target()).then(Mono.defer(() -> all
					? this.fleet.switchPolicy(override)
						.map((outcome) -> switched(securityContext, override, duration, outcome.sessions(),
								FleetReach.of(outcome)))
					: Mono.fromSupplier(
							() -> switched(securityContext, override, duration, this.policies.set(override), null))));
		});
	}

	/** On a route that the pipeline does not serve, an override would have no effect. */
	private Mono<Void> checkRoute(PolicyTarget target) {
		return (target.route() != null) ? this.routes.publishOn(Schedulers.boundedElastic())
			.doOnNext((served) -> checkRoute(target, served))
			.then() : Mono.empty();
	}

	private static void checkRoute(PolicyTarget target, Map<String, String> served) {
		if (!target.pipeline().equals(served.get(target.route()))) {
			List<String> known = served.entrySet()
				.stream()
				.filter((route) -> route.getValue().equals(target.pipeline()))
				.map(Map.Entry::getKey)
				.toList();
			throw new UnknownPolicyException("route: the pipeline '" + target.pipeline() + "' does not serve a route '"
					+ target.route() + "'" + KnownRoutes.expected(known, ", or any other route"));
		}
	}

	private WebEndpointResponse<Object> switched(SecurityContext operator, RolloutOverride override,
			@Nullable Duration duration, long sessions, @Nullable FleetReach fleet) {
		PolicyTarget target = override.target();
		Rollout rollout = override.rollout();
		RoutePipelineDescriptor.RolloutDescriptor descriptor = RoutePipelineDescriptor.RolloutDescriptor.of(rollout);
		this.audit.record(operator, OperatorAudit.SWITCHED, "pipeline", target.pipeline(), "policy", target.policy(),
				"direction", target.list(), "route", target.route(), "mode", descriptor.mode(), "share",
				descriptor.share(), "rest", descriptor.rest(), "for", duration, "sessions", sessions, "fleet",
				(fleet != null) ? true : null);
		return new WebEndpointResponse<>(new PolicySwitchDescriptor(target.pipeline(), target.policy(), descriptor,
				override.until(), sessions, fleet));
	}

	/**
	 * Undo the overrides of a policy, so that what is configured applies again.
	 * @param securityContext the security context of the request
	 * @param pipeline the name of the pipeline
	 * @param policy the name of the policy
	 * @param route the id of the route that the overrides are restricted to; any by
	 * default
	 * @param direction the list that the overrides are restricted to; any by default
	 * @param fleet {@code true} for all gateways
	 * @return 200 with the number of live sessions, 400, or 404
	 */
	@DeleteOperation
	public Mono<WebEndpointResponse<Object>> undo(SecurityContext securityContext, @Selector String pipeline,
			@Selector String policy, @Nullable String route, @Nullable String direction, @Nullable Boolean fleet) {
		return answer(() -> {
			PolicyTarget target = new PolicyTarget(pipeline, policy, value("direction", direction, PolicyList.class),
					route);
			return isForAll(fleet)
					? this.fleet.undoSwitch(target).map((outcome) -> undone(securityContext, target, outcome))
					: Mono.fromSupplier(() -> undone(securityContext, target, this.policies.undo(target), null));
		});
	}

	private WebEndpointResponse<Object> undone(SecurityContext operator, PolicyTarget target, FleetOutcome outcome) {
		FleetReach reach = FleetReach.of(outcome);
		if (reach.answered() > 0 && outcome.problems().size() == reach.answered()) {
			return new WebEndpointResponse<>(new Problem(outcome.problems().values().iterator().next()),
					WebEndpointResponse.STATUS_NOT_FOUND);
		}
		return undone(operator, target, outcome.sessions(), reach);
	}

	private WebEndpointResponse<Object> undone(SecurityContext operator, PolicyTarget target, long sessions,
			@Nullable FleetReach fleet) {
		this.audit.record(operator, OperatorAudit.SWITCH_UNDONE, "pipeline", target.pipeline(), "policy",
				target.policy(), "direction", target.list(), "route", target.route(), "sessions", sessions, "fleet",
				(fleet != null) ? true : null);
		return new WebEndpointResponse<>(PolicySwitchDescriptor.undone(target, sessions, fleet));
	}

	private boolean isForAll(@Nullable Boolean fleet) {
		return (fleet != null) ? fleet : this.fleetByDefault;
	}

	private static String nameOf(SecurityContext operator) {
		Principal principal = operator.getPrincipal();
		return (principal != null) ? principal.getName() : "";
	}

	private static <E extends Enum<E>> @Nullable E value(String parameter, @Nullable String value, Class<E> type) {
		if (value == null) {
			return null;
		}
		E[] constants = type.getEnumConstants();
		return Arrays.stream(constants)
			.filter((constant) -> constant.name().equalsIgnoreCase(value.trim()))
			.findFirst()
			.orElseThrow(() -> Problem.invalid(parameter + ": " + value + " (expected: "
					+ Arrays.stream(constants)
						.map((constant) -> constant.name().toLowerCase(Locale.ROOT))
						.collect(Collectors.joining(", "))
					+ ")"));
	}

	private static @Nullable Duration duration(@Nullable String value) {
		if (value == null) {
			return null;
		}
		Duration duration;
		try {
			duration = DurationStyle.detectAndParse(value.trim());
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			throw Problem.invalid("for: " + value + " (expected: a duration such as 15m)");
		}
		if (duration.isNegative() || duration.isZero() || duration.compareTo(MAX_DURATION) > 0) {
			throw Problem
				.invalid("for: " + value + " (expected: more than zero, at most " + MAX_DURATION.toDays() + "d)");
		}
		return duration;
	}

	/** Looks at many sessions on a thread that may take its time. */
	private static Mono<WebEndpointResponse<Object>> answer(Supplier<Mono<WebEndpointResponse<Object>>> operation) {
		return Mono.defer(operation)
			.onErrorResume(InvalidEndpointRequestException.class,
					(ex) -> Mono
						.just(new WebEndpointResponse<>(Problem.of(ex), WebEndpointResponse.STATUS_BAD_REQUEST)))
			.onErrorResume(UnknownPolicyException.class, (ex) -> problem(ex, WebEndpointResponse.STATUS_NOT_FOUND))
			.onErrorResume(IllegalArgumentException.class, (ex) -> problem(ex, WebEndpointResponse.STATUS_BAD_REQUEST))
			.subscribeOn(Schedulers.boundedElastic());
	}

	private static Mono<WebEndpointResponse<Object>> problem(RuntimeException ex, int status) {
		return Mono.just(new WebEndpointResponse<>(new Problem(String.valueOf(ex.getMessage())), status));
	}

}
