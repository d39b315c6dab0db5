package dev.wspolicy.observation;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatusCode;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionClosedEvent;
import dev.wspolicy.session.SessionListener;
import dev.wspolicy.session.SessionOpenedEvent;
import dev.wspolicy.session.Termination;
import dev.wspolicy.session.UpgradeContext;
import dev.wspolicy.session.UpgradeRefusedEvent;

/**
 * Tells the application's event listeners of sessions.
 */
public final class SessionEvents implements SessionListener {

	private final ApplicationEventPublisher publisher;

	/**
	 * A publisher of sessions.
	 * @param publisher publishes the events
	 */
	public SessionEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		this.publisher.publishEvent(new SessionOpenedEvent(session));
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status) {
		this.publisher.publishEvent(new UpgradeRefusedEvent(upgrade, status));
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.publisher.publishEvent(new SessionClosedEvent(session, termination));
	}

}
