package dev.wspolicy.gateway;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClientsProperties;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.LoadBalancerProperties;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;

/**
 * {@link LoadBalancerClientFactory} for Gateway's load balancer filter that completes the
 * request of a session when the session is over rather than with its 101. Load balancers
 * that count active requests then see the actual load of an instance.
 */
public final class SessionAwareLoadBalancerClientFactory extends LoadBalancerClientFactory {

	private final LoadBalancerClientFactory delegate;

	/**
	 * Creates a factory that delegates to the given one.
	 * @param delegate the load balancers of the application
	 */
	public SessionAwareLoadBalancerClientFactory(LoadBalancerClientFactory delegate) {
		super(new LoadBalancerClientsProperties());
		this.delegate = delegate;
	}

	@Override
	public <T> @Nullable T getInstance(String name, Class<T> type) {
		return this.delegate.getInstance(name, type);
	}

	@Override
	public LoadBalancerProperties getProperties(String serviceId) {
		return this.delegate.getProperties(serviceId);
	}

	@Override
	@SuppressWarnings("unchecked")
	public <T> Map<String, T> getInstances(String name, Class<T> type) {
		Map<String, T> instances = this.delegate.getInstances(name, type);
		if (type != LoadBalancerLifecycle.class || instances == null || instances.isEmpty()) {
			return instances;
		}
		Map<String, T> lifecycles = new LinkedHashMap<>();
		instances.forEach((bean, lifecycle) -> lifecycles.put(bean,
				(T) new SessionLifecycle((LoadBalancerLifecycle<Object, Object, Object>) lifecycle)));
		return lifecycles;
	}

	/**
	 * A lifecycle whose {@code onComplete} is called when the session is over.
	 *
	 * @param delegate the lifecycle of the application
	 */
	private record SessionLifecycle(LoadBalancerLifecycle<Object, Object, Object> delegate)
			implements
				LoadBalancerLifecycle<Object, Object, Object> {

		@Override
		@SuppressWarnings("rawtypes")
		public boolean supports(Class requestContextClass, Class responseClass, Class serverTypeClass) {
			return this.delegate.supports(requestContextClass, responseClass, serverTypeClass);
		}

		@Override
		public void onStart(Request<Object> request) {
			this.delegate.onStart(request);
		}

		@Override
		public void onStartRequest(Request<Object> request, Response<Object> response) {
			this.delegate.onStartRequest(request, response);
		}

		@Override
		public void onComplete(CompletionContext<Object, Object, Object> completion) {
			PendingSession session = (completion.getClientResponse() instanceof ResponseData response)
					? PendingSession.of(response.getRequestData().getAttributes()) : null;
			if (session != null) {
				session.onCompletion(() -> this.delegate.onComplete(completion));
			}
			else {
				this.delegate.onComplete(completion);
			}
		}

	}

}
