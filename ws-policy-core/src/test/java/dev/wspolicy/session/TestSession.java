package dev.wspolicy.session;

import java.net.InetSocketAddress;
import java.net.URI;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.frame.Direction;
import dev.wspolicy.frame.Frame;
import dev.wspolicy.frame.FrameType;
import dev.wspolicy.frame.TextFrame;

/**
 * A session without sockets, which is what a test says.
 */
public final class TestSession implements ProxiedSession {

	private final String id;

	private final UpgradeContext upgrade;

	private volatile @Nullable Principal principal;

	private int openedAtReads;

	private final Instant openedAt;

	private volatile Instant lastActivityAt;

	private final Map<String, Object> attributes = new ConcurrentHashMap<>();

	private final Map<Direction, TrafficCounts> counts = new EnumMap<>(Direction.class);

	private List<VerdictCounts> verdicts = List.of();

	private final List<CloseStatus> closed = new CopyOnWriteArrayList<>();

	private final List<String> sent = new CopyOnWriteArrayList<>();

	private final List<Duration> delays = new CopyOnWriteArrayList<>();

	public TestSession(String id, String route, @Nullable String principal, InetSocketAddress address,
			Instant openedAt) {
		this.id = id;
		this.upgrade = new TestUpgrade(route, (principal != null) ? () -> principal : null, address, openedAt);
		this.principal = this.upgrade.principal();
		this.openedAt = openedAt;
		this.lastActivityAt = openedAt;
		count(Direction.INBOUND, new TrafficCounts(0, 0, 0));
		count(Direction.OUTBOUND, new TrafficCounts(0, 0, 0));
	}

	public TestSession count(Direction direction, TrafficCounts counts) {
		this.counts.put(direction, counts);
		return this;
	}

	public TestSession verdicts(VerdictCounts... verdicts) {
		this.verdicts = List.of(verdicts);
		return this;
	}

	@Override
	public List<VerdictCounts> verdicts(Direction direction) {
		return this.verdicts.stream().filter((counts) -> counts.direction() == direction).toList();
	}

	@Override
	public long buffered(Side side) {
		return (side == Side.CLIENT) ? 7 : 0;
	}

	/** The texts that were sent, each after its side. */
	public List<String> sent() {
		return this.sent;
	}

	/** What the session was closed with, so far. */
	public List<CloseStatus> closed() {
		return this.closed;
	}

	@Override
	public String id() {
		return this.id;
	}

	@Override
	public UpgradeContext upgrade() {
		return this.upgrade;
	}

	@Override
	public String pipeline() {
		return "default";
	}

	@Override
	public @Nullable Principal principal() {
		return this.principal;
	}

	@Override
	public void principal(Principal principal) {
		this.principal = principal;
	}

	@Override
	public Map<String, Object> attributes() {
		return this.attributes;
	}

	@Override
	public Instant openedAt() {
		this.openedAtReads++;
		return this.openedAt;
	}

	@Override
	public Instant lastActivityAt() {
		return this.lastActivityAt;
	}

	public TestSession lastActivityAt(Instant lastActivityAt) {
		this.lastActivityAt = lastActivityAt;
		return this;
	}

	/** How often somebody has asked when the session was opened. */
	public int openedAtReads() {
		return this.openedAtReads;
	}

	@Override
	public TrafficCounts counts(Direction direction) {
		return this.counts.getOrDefault(direction, new TrafficCounts(0, 0, 0));
	}

	/** All frames are texts. */
	@Override
	public FrameCounts counts(Direction direction, FrameType type) {
		TrafficCounts all = counts(direction);
		return (type == FrameType.TEXT) ? new FrameCounts(all.frames(), all.bytes()) : new FrameCounts(0, 0);
	}

	@Override
	public boolean isOpen() {
		return this.closed.isEmpty();
	}

	@Override
	public void send(Side side, Frame frame) {
		this.sent.add(side + ": " + ((TextFrame) frame).text());
	}

	@Override
	public void limits(Direction direction, LimitOverrides limits) {
		throw new UnsupportedOperationException();
	}

	/** Runs the task at once, so that no test waits, and remembers the delay. */
	@Override
	public ScheduledTask schedule(Duration delay, Runnable task) {
		this.delays.add(delay);
		task.run();
		return () -> {
		};
	}

	/** The delays of the scheduled tasks. */
	public List<Duration> delays() {
		return this.delays;
	}

	@Override
	public void close(CloseStatus toClient, CloseStatus toUpstream) {
		this.closed.add(toClient);
	}

	@Override
	public String toString() {
		return this.id;
	}

	private record TestUpgrade(String routeId, @Nullable Principal principal, InetSocketAddress remoteAddress,
			Instant time) implements UpgradeContext {

		@Override
		public HttpMethod method() {
			return HttpMethod.GET;
		}

		@Override
		public URI uri() {
			return URI.create("http://user:password@gateway/" + this.routeId + "?token=secret&bare&empty=#fragment");
		}

		@Override
		public MultiValueMap<String, String> queryParams() {
			return new LinkedMultiValueMap<>();
		}

		@Override
		public HttpHeaders headers() {
			return HttpHeaders.EMPTY;
		}

		@Override
		public MultiValueMap<String, HttpCookie> cookies() {
			return new LinkedMultiValueMap<>();
		}

		@Override
		public Map<String, String> pathVariables() {
			return Map.of();
		}

		@Override
		public Map<String, Object> routeMetadata() {
			return Map.of();
		}

		@Override
		public @Nullable InetSocketAddress localAddress() {
			return null;
		}

		@Override
		public @Nullable SslInfo tls() {
			return null;
		}

		@Override
		public List<String> offeredSubprotocols() {
			return List.of();
		}

		@Override
		public @Nullable String subprotocol() {
			return null;
		}

		@Override
		public URI upstreamUri() {
			return URI.create("ws://upstream:9000/" + this.routeId + "?key=value");
		}

		@Override
		public HttpHeaders upstreamHeaders() {
			return HttpHeaders.EMPTY;
		}

		@Override
		public Map<String, Object> attributes() {
			return Map.of();
		}

	}

}
