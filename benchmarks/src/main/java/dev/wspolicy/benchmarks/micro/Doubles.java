package dev.wspolicy.benchmarks.micro;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

import dev.wspolicy.frame.Direction;
import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.ScheduledTask;
import dev.wspolicy.session.UpgradeContext;

/**
 * What stands in for the parts of a session that are not measured.
 */
public final class Doubles {

	private Doubles() {
	}

	/**
	 * An object that knows a few answers, and does nothing else.
	 * @param type its type
	 * @param answers the answers by the names of methods
	 * @param <T> its type
	 * @return the object
	 */
	public static <T> T of(Class<T> type, Map<String, Object> answers) {
		InvocationHandler handler = (proxy, method, args) -> switch (method.getName()) {
			// Sessions are keys of maps.
			case "equals" -> proxy == args[0];
			case "hashCode" -> System.identityHashCode(proxy);
			default -> answerOf(method.getReturnType(), answers.get(method.getName()));
		};
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
	}

	private static @Nullable Object answerOf(Class<?> type, @Nullable Object answer) {
		if (answer == null && type == boolean.class) {
			return true;
		}
		return (answer == null && type == long.class) ? Long.valueOf(0) : answer;
	}

	/**
	 * A session without a subprotocol.
	 * @return the session
	 */
	public static ProxiedSession session() {
		return session(null);
	}

	/**
	 * A session.
	 * @param subprotocol its subprotocol, or {@code null} for none
	 * @return the session
	 */
	public static ProxiedSession session(@Nullable String subprotocol) {
		Map<String, Object> answers = new HashMap<>(
				Map.of("routeId", "route", "headers", new HttpHeaders(), "offeredSubprotocols", List.of(),
						"remoteAddress", InetSocketAddress.createUnresolved("localhost", 4711)));
		if (subprotocol != null) {
			answers.put("subprotocol", subprotocol);
		}
		UpgradeContext upgrade = of(UpgradeContext.class, answers);
		ScheduledTask task = of(ScheduledTask.class, Map.of());
		return of(ProxiedSession.class,
				Map.of("id", "session", "upgrade", upgrade, "pipeline", "pipeline", "principal", new Client(),
						"schedule", task, "attributes", new ConcurrentHashMap<>(), "clock",
						(LongSupplier) System::nanoTime));
	}

	/**
	 * What a policy is told of a frame from a client.
	 * @return the context
	 */
	public static FrameContext inbound() {
		ProxiedSession session = session();
		return of(FrameContext.class, Map.of("session", session, "upgrade", session.upgrade(), "direction",
				Direction.INBOUND, "contentType", "application/json"));
	}

}
