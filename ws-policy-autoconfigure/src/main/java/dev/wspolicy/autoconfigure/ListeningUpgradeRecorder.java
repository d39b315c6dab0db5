package dev.wspolicy.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.rollout.UpgradeRecorder;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.UpgradeContext;

/**
 * Notifies the listeners of what observed upgrade policies would have refused.
 */
final class ListeningUpgradeRecorder implements UpgradeRecorder {

	private static final Log logger = LogFactory.getLog(ListeningUpgradeRecorder.class);

	private final ObjectProvider<SessionListener> listeners;

	/**
	 * Creates a recorder.
	 * @param listeners the listeners, looked up with each call
	 */
	ListeningUpgradeRecorder(ObjectProvider<SessionListener> listeners) {
		this.listeners = listeners;
	}

	@Override
	public void record(UpgradeContext upgrade, String policy, @Nullable HttpStatusCode status) {
		this.listeners.orderedStream().forEach((listener) -> {
			try {
				listener.onRefusalObserved(upgrade, policy, status);
			}
			catch (Throwable ex) {
				// A failing listener must not affect the upgrade or the other listeners.
				logger.warn("onRefusalObserved of " + listener.getClass().getName() + " failed", ex);
			}
		});
	}

}
