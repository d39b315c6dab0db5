package dev.wspolicy.gateway;

import java.time.Duration;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;

/**
 * Opens sessions before the application is ready, so that the code that opens sessions is
 * loaded and compiled when the first clients arrive. The sessions go through the filters
 * of ws-policy and of Gateway to an upstream inside the process. They are not in the
 * registry, and neither meters, logs nor listeners know of them. They are gone when the
 * application is ready.
 */
public final class WarmUp implements ApplicationRunner, DisposableBean {

	private static final Log logger = LogFactory.getLog(WarmUp.class);

	private final Duration duration;

	private final List<GlobalFilter> filters;

	private final List<HttpHeadersFilter> headersFilters;

	private volatile boolean stopped;

	private volatile boolean done;

	/**
	 * Creates a warm-up.
	 * @param duration how long to open sessions, 0 or more
	 * @param filters the global filters of the application, of which Gateway's own are
	 * used
	 * @param headersFilters the filters of headers of the application, of which Gateway's
	 * own are used
	 */
	public WarmUp(Duration duration, List<GlobalFilter> filters, List<HttpHeadersFilter> headersFilters) {
		this.duration = duration;
		this.filters = filters;
		this.headersFilters = headersFilters;
		this.done = duration.isZero();
	}

	@Override
	public void run(ApplicationArguments arguments) {
		if (!this.done) {
			long end = System.nanoTime() + this.duration.toNanos();
			int sessions = 0;
			try (WarmUpGateway gateway = WarmUpGateway.start(this.filters, this.headersFilters)) {
				while (!this.stopped && System.nanoTime() - end < 0) {
					gateway.openAndCloseSession();
					sessions++;
				}
			}
			catch (Exception | LinkageError ex) {
				logger.warn("Warm-up has failed; the application starts without it", ex);
			}
			finally {
				this.done = true;
			}
			logger.info("Warmed up with " + sessions + " sessions");
		}
	}

	/**
	 * Whether the warm-up is over, or there is none.
	 * @return {@code true} if no session of it is left
	 */
	public boolean isDone() {
		return this.done;
	}

	@Override
	public void destroy() {
		this.stopped = true;
	}

}
