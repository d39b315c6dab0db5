package dev.wspolicy.observation;

import org.jspecify.annotations.Nullable;
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
 * Publishes application events when sessions open and close, and when upgrades are
 * refused.
 */
public final class SessionEvents implements SessionListener {

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates a listener that publishes events with the given publisher.
	 * @param publisher the event publisher
	 */
	public SessionEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		this.publisher.publishEvent(new SessionOpenedEvent(session));
	}

	@Override
	public void onUpgradeRefused(UpgradeContext upgrade, HttpStatusCode status, @Nullable String policy) {
		this.publisher.publishEvent(new UpgradeRefusedEvent(upgrade, status, policy));
	}

	@Override
	public void onClose(ProxiedSession session, Termination termination) {
		this.publisher.publishEvent(new SessionClosedEvent(session, termination));
	}

}
