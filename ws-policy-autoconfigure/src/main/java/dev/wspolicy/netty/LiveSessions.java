package dev.wspolicy.netty;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.wspolicy.session.ProxiedSession;
import dev.wspolicy.session.SessionRegistry;

/**
 * The registry that sessions enter and leave by themselves.
 */
public final class LiveSessions implements SessionRegistry {

	private final Map<String, ProxiedSession> sessions = new ConcurrentHashMap<>();

	void add(ProxiedSession session) {
		this.sessions.put(session.id(), session);
	}

	void remove(ProxiedSession session) {
		this.sessions.remove(session.id());
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

}
