package dev.wspolicy.session;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A registry of whatever a test puts into it.
 */
public final class TestRegistry implements SessionRegistry {

	private final Map<String, ProxiedSession> sessions = new ConcurrentHashMap<>();

	private volatile boolean draining;

	public TestRegistry add(ProxiedSession session) {
		this.sessions.put(session.id(), session);
		return this;
	}

	public void remove(ProxiedSession session) {
		this.sessions.remove(session.id());
	}

	public void draining(boolean draining) {
		this.draining = draining;
	}

	@Override
	public Optional<ProxiedSession> find(String id) {
		return Optional.ofNullable(this.sessions.get(id));
	}

	@Override
	public Stream<ProxiedSession> stream() {
		return this.sessions.values().stream();
	}

	@Override
	public int size() {
		return this.sessions.size();
	}

	@Override
	public boolean isDraining() {
		return this.draining;
	}

}
