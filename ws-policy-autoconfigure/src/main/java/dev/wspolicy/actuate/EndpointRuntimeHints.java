package dev.wspolicy.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers the files of the console, and the types that the endpoints write as JSON.
 * Spring Boot does not see most of the latter, because operations declare wildcards and
 * publishers.
 */
public final class EndpointRuntimeHints implements RuntimeHintsRegistrar {

	private static final Class<?>[] BODIES = { DrainDescriptor.class, FleetReach.class, FleetSessionsDescriptor.class,
			PipelinesDescriptor.class, PolicySwitchDescriptor.class, Problem.class, RoutePipelineDescriptor.class,
			SessionDescriptor.class, SessionsDescriptor.class, WebSocketRevocationsEndpoint.RevocationsDescriptor.class,
			WebSocketsEndpoint.ClosedDescriptor.class, WebSocketsEndpoint.OutcomeDescriptor.class,
			WebSocketsEndpoint.SentDescriptor.class };

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		BindingReflectionHintsRegistrar registrar = new BindingReflectionHintsRegistrar();
		for (Class<?> body : BODIES) {
			registrar.registerReflectionHints(hints.reflection(), body);
			registrar.registerReflectionHints(hints.reflection(), body.getDeclaredClasses());
		}
		hints.resources().registerPattern("dev/wspolicy/actuate/console/*");
	}

}
