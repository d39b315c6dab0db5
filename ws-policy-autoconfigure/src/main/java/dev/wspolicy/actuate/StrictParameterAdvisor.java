package dev.wspolicy.actuate;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationArgumentResolver;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.http.MediaType;
import reactor.core.publisher.Mono;

/**
 * {@link OperationInvokerAdvisor} that rejects requests with parameters or members that
 * the operation does not have, or with a duration that has no unit. Otherwise a
 * misspelled filter would be ignored, and the operation would apply to all sessions.
 */
public final class StrictParameterAdvisor implements OperationInvokerAdvisor {

	private static final EndpointId TAP = EndpointId.of("websockettap");

	private static final EndpointId PIPELINES = EndpointId.of("websocketpipelines");

	private static final EndpointId SESSIONS = EndpointId.of("websockets");

	private static final EndpointId REVOCATIONS = EndpointId.of("websocketrevocations");

	private static final Set<EndpointId> ENDPOINTS = Set.of(SESSIONS, REVOCATIONS, PIPELINES, TAP,
			WebSocketConsoleEndpoint.ID);

	/** The endpoints whose operations return a publisher. */
	private static final Set<EndpointId> REACTIVE = Set.of(SESSIONS, REVOCATIONS, PIPELINES, TAP);

	/** The names of parameters that are words of Java, by the names in the code. */
	private static final Map<String, String> RESERVED = Map.of("forDuration", "for");

	/** The parameters that the operation parses as a duration. */
	private static final Set<String> DURATIONS = Set.of("forDuration");

	private static final Pattern BARE_NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]*)?");

	@Override
	public OperationInvoker apply(EndpointId endpointId, OperationType operationType, OperationParameters parameters,
			OperationInvoker invoker) {
		if (!ENDPOINTS.contains(endpointId)) {
			return invoker;
		}
		List<OperationParameter> known = parameters.stream().toList();
		boolean reactive = REACTIVE.contains(endpointId);
		return (context) -> {
			Problem problem = problem(known, context);
			return (problem != null) ? reject(problem, context, reactive) : invoker.invoke(inCode(known, context));
		};
	}

	/** Passes the arguments by the names that the parameters have in the code. */
	private static InvocationContext inCode(List<OperationParameter> known, InvocationContext context) {
		Map<String, @Nullable Object> arguments = new LinkedHashMap<>(context.getArguments());
		for (OperationParameter parameter : known) {
			String name = nameOf(parameter);
			if (!name.equals(parameter.getName()) && arguments.containsKey(name)) {
				arguments.put(parameter.getName(), arguments.remove(name));
			}
		}
		return arguments.equals(context.getArguments()) ? context
				: new InvocationContext(securityContext(context), arguments, new OperationArgumentResolver() {

					@Override
					public boolean canResolve(Class<?> type) {
						return context.canResolve(type);
					}

					@Override
					public <T> @Nullable T resolve(Class<T> type) {
						return context.resolveArgument(type);
					}

				});
	}

	private static SecurityContext securityContext(InvocationContext context) {
		SecurityContext operator = context.resolveArgument(SecurityContext.class);
		return (operator != null) ? operator : SecurityContext.NONE;
	}

	private static String nameOf(OperationParameter parameter) {
		return RESERVED.getOrDefault(parameter.getName(), parameter.getName());
	}

	private static Object reject(Problem problem, InvocationContext context, boolean reactive) {
		if (!isWeb(context)) {
			throw Problem.invalid(problem.message());
		}
		WebEndpointResponse<Problem> response = new WebEndpointResponse<>(problem,
				WebEndpointResponse.STATUS_BAD_REQUEST, MediaType.APPLICATION_JSON);
		return reactive ? Mono.just(response) : response;
	}

	private static @Nullable Problem problem(List<OperationParameter> known, InvocationContext context) {
		List<OperationParameter> accepted = known.stream()
			.filter((parameter) -> !context.canResolve(parameter.getType()))
			.toList();
		for (Map.Entry<String, Object> argument : context.getArguments().entrySet()) {
			String name = argument.getKey();
			OperationParameter parameter = accepted.stream()
				.filter((candidate) -> nameOf(candidate).equals(name))
				.findFirst()
				.orElse(null);
			if (parameter == null || (isWeb(context) && isSelectorOverridden(parameter, argument.getValue()))) {
				return new Problem(name + ": unknown (expected: " + expected(accepted) + ")");
			}
			if (argument.getValue() instanceof Collection<?> values
					&& !Collection.class.isAssignableFrom(parameter.getType())) {
				return new Problem(name + ": " + values.size() + " values (expected: one)");
			}
			if (isDuration(parameter) && hasNoUnit(argument.getValue())) {
				return new Problem(name + ": " + argument.getValue().toString().trim()
						+ " (expected: a duration with a unit: ns, us, ms, s, m, h or d)");
			}
		}
		return null;
	}

	private static boolean isDuration(OperationParameter parameter) {
		return parameter.getType() == Duration.class || DURATIONS.contains(parameter.getName());
	}

	/** The framework would convert a bare number to milliseconds. */
	private static boolean hasNoUnit(@Nullable Object value) {
		return value != null && BARE_NUMBER.matcher(value.toString().trim()).matches();
	}

	/**
	 * The framework passes a path selector as an array of segments. A parameter or member
	 * of the same name would override it, in which case the value is not an array.
	 */
	private static boolean isSelectorOverridden(OperationParameter parameter, @Nullable Object value) {
		Selector selector = parameter.getAnnotation(Selector.class);
		return selector != null && selector.match() == Selector.Match.ALL_REMAINING && !(value instanceof String[]);
	}

	private static String expected(List<OperationParameter> accepted) {
		String names = accepted.stream()
			.filter((parameter) -> parameter.getAnnotation(Selector.class) == null)
			.map(StrictParameterAdvisor::nameOf)
			.collect(Collectors.joining(", "));
		return names.isEmpty() ? "none" : names;
	}

	private static boolean isWeb(InvocationContext context) {
		return context.canResolve(WebServerNamespace.class);
	}

}
