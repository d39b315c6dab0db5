package dev.wspolicy.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.FluxSink.OverflowStrategy;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.actuate.RunningTap.Signal;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.SessionRegistry;

/**
 * {@link WebEndpoint @WebEndpoint} to watch the frames of live sessions as they are dealt
 * with. Answers a stream of server-sent events, which ends with the tap.
 */
@WebEndpoint(id = "websockettap", defaultAccess = Access.NONE)
public class WebSocketTapEndpoint {

	/**
	 * The type of the audit event that tells of a tap that is put on.
	 */
	public static final String STARTED = "WEBSOCKET_TAP_STARTED";

	/**
	 * The type of the audit event that tells of the end of a tap.
	 */
	public static final String ENDED = "WEBSOCKET_TAP_ENDED";

	/**
	 * How many taps may run at a time.
	 */
	public static final int MAX_TAPS = 16;

	private static final int TOO_MANY_REQUESTS = 429;

	/** How many records are put into words ahead of the socket. */
	private static final int PREFETCH = 16;

	private static final JsonMapper JSON = JsonMapper.builder().build();

	private final FrameTaps taps;

	private final SessionRegistry registry;

	private final TapSettings settings;

	private final ApplicationEventPublisher events;

	/**
	 * An endpoint.
	 * @param registry the sessions
	 * @param taps where its taps run
	 * @param settings what they may show
	 * @param events who hears of audit events
	 */
	public WebSocketTapEndpoint(SessionRegistry registry, FrameTaps taps, TapSettings settings,
			ApplicationEventPublisher events) {
		this.registry = registry;
		this.taps = taps;
		this.settings = settings;
		this.events = events;
	}

	/**
	 * Watch the frames of one session, or of those that match.
	 * @param securityContext who asks
	 * @param session the id of the session
	 * @param route the id of the route
	 * @param principal the name of the principal
	 * @param address the client's address, without its port
	 * @param sample the share of the frames that are told
	 * @param duration how long
	 * @param rate how many records per second
	 * @param bytes how many bytes of each payload
	 * @param pointers where in a payload, as JSON pointers, to take values out
	 * @return 200 with the events; 400, 404 or 429
	 */
	@ReadOperation(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	public Mono<WebEndpointResponse<Object>> tap(SecurityContext securityContext, @Nullable String session,
			@Nullable String route, @Nullable String principal, @Nullable String address, @Nullable Double sample,
			@Nullable Duration duration, @Nullable Integer rate, @Nullable Integer bytes,
			@Nullable List<String> pointers) {
		SessionFilter filter = new SessionFilter(route, principal, address, null, null);
		TapLimits limits;
		Redaction redaction;
		try {
			limits = TapLimits.of(sample, duration, rate, bytes, this.settings);
			redaction = redaction(pointers);
		}
		catch (InvalidEndpointRequestException ex) {
			return answer(WebEndpointResponse.STATUS_BAD_REQUEST, Problem.of(ex));
		}
		if (session != null && this.registry.find(session).filter(filter.at(Instant.now())).isEmpty()) {
			return answer(WebEndpointResponse.STATUS_NOT_FOUND, new Problem("no such session"));
		}
		if (this.taps.running() >= MAX_TAPS) {
			return answer(TOO_MANY_REQUESTS, new Problem("taps: " + MAX_TAPS + " run already"));
		}
		boolean shown = this.settings.showValues().isShown(securityContext, this.settings.roles());
		int copied = shown ? (!redaction.isNone()) ? this.settings.maxBytes() : limits.bytes() : 0;
		Watch watch = new Watch(who(securityContext), audited(session, filter, limits),
				new TapRecord(limits.bytes(), shown, redaction),
				(sink, watched) -> new RunningTap(session, filter.at(Instant.now()), limits, copied, sink,
						(tap) -> Schedulers.boundedElastic().schedule(() -> watched.ended(tap))));
		// Nobody watches without a trace; and whoever keeps the trace may block.
		return Mono
			.fromCallable(() -> new WebEndpointResponse<Object>(watch.start(), WebEndpointResponse.STATUS_OK,
					MediaType.TEXT_EVENT_STREAM))
			.subscribeOn(Schedulers.boundedElastic());
	}

	private Redaction redaction(@Nullable List<String> pointers) {
		List<String> all = new ArrayList<>(this.settings.pointers());
		if (pointers != null) {
			all.addAll(pointers);
		}
		try {
			return Redaction.of(all, this.settings.patterns());
		}
		catch (IllegalArgumentException ex) {
			throw Problem.invalid(Objects.requireNonNullElse(ex.getMessage(), "pointers"));
		}
	}

	private static @Nullable String who(SecurityContext securityContext) {
		Principal principal = securityContext.getPrincipal();
		return (principal != null) ? principal.getName() : null;
	}

	private static Map<String, @Nullable Object> audited(@Nullable String session, SessionFilter filter,
			TapLimits limits) {
		Map<String, @Nullable Object> data = new LinkedHashMap<>();
		putIfAsked(data, "session", session);
		putIfAsked(data, "route", filter.route());
		putIfAsked(data, "principal", filter.principal());
		putIfAsked(data, "address", filter.address());
		data.put("sample", limits.sample());
		data.put("duration", limits.duration().toString());
		data.put("bytes", limits.bytes());
		return data;
	}

	private static void putIfAsked(Map<String, @Nullable Object> data, String key, @Nullable String value) {
		if (value != null) {
			data.put(key, value);
		}
	}

	private static Mono<WebEndpointResponse<Object>> answer(int status, Problem problem) {
		return Mono.just(new WebEndpointResponse<>(problem, status, MediaType.APPLICATION_JSON));
	}

	/**
	 * What one operator watches.
	 */
	private final class Watch {

		private final @Nullable String who;

		private final Map<String, @Nullable Object> audited;

		private final TapRecord words;

		private final BiFunction<FluxSink<Signal>, Watch, RunningTap> maker;

		/** Set when the stream is subscribed to, before anything comes of it. */
		private @Nullable RunningTap tap;

		private long droppedTold;

		private int ticks;

		Watch(@Nullable String who, Map<String, @Nullable Object> audited, TapRecord words,
				BiFunction<FluxSink<Signal>, Watch, RunningTap> maker) {
			this.who = who;
			this.audited = audited;
			this.words = words;
			this.maker = maker;
		}

		Flux<ServerSentEvent<String>> start() {
			audit(STARTED, this.audited);
			// The words are found on other threads than those that carry the traffic.
			return Flux.create(this::run, OverflowStrategy.BUFFER)
				.subscribeOn(Schedulers.boundedElastic(), false)
				.publishOn(Schedulers.parallel(), PREFETCH)
				.concatMapIterable(this::events, 1);
		}

		private void run(FluxSink<Signal> sink) {
			RunningTap tap = this.maker.apply(sink, this);
			this.tap = tap;
			Scheduler clock = Schedulers.parallel();
			Disposable.Composite timers = Disposables.composite();
			sink.onDispose(() -> {
				timers.dispose();
				tap.end("client-gone");
			});
			timers.add(clock.schedulePeriodically(tap::tick, 1, 1, TimeUnit.SECONDS));
			timers.add(clock.schedule(() -> tap.end("duration"), tap.duration().toNanos(), TimeUnit.NANOSECONDS));
			WebSocketTapEndpoint.this.taps.start(tap);
			sink.next(Signal.Mark.STARTED);
		}

		private void ended(RunningTap tap) {
			WebSocketTapEndpoint.this.taps.stop(tap);
			Map<String, @Nullable Object> data = new LinkedHashMap<>(this.audited);
			data.put("reason", tap.reason());
			data.put("records", tap.told());
			data.put("dropped", tap.dropped());
			audit(ENDED, data);
		}

		private void audit(String type, Map<String, @Nullable Object> data) {
			WebSocketTapEndpoint.this.events
				.publishEvent(new AuditApplicationEvent(Objects.requireNonNullElse(this.who, ""), type, data));
		}

		private List<ServerSentEvent<String>> events(Signal signal) {
			RunningTap tap = Objects.requireNonNull(this.tap);
			List<ServerSentEvent<String>> events = new ArrayList<>(2);
			long dropped = tap.dropped();
			if (dropped != this.droppedTold) {
				events.add(event("dropped", Map.of("count", dropped - this.droppedTold)));
				this.droppedTold = dropped;
			}
			if (signal instanceof Signal.Told told) {
				tap.taken();
				events.add(event("frame", this.words.of(told.session(), told.frame())));
			}
			else if (signal instanceof Signal.End end) {
				events.add(event("end", Map.of("reason", end.reason())));
			}
			else if (signal == Signal.Mark.STARTED) {
				events.add(comment("tapping"));
			}
			else if (events.isEmpty() && ++this.ticks % 10 == 0) {
				// A proxy in between may not like silence.
				events.add(comment("still tapping"));
			}
			return events;
		}

		private static ServerSentEvent<String> event(String name, Map<String, ?> data) {
			return ServerSentEvent.builder(JSON.writeValueAsString(data)).event(name).build();
		}

		private static ServerSentEvent<String> comment(String text) {
			return ServerSentEvent.<String>builder().comment(text).build();
		}

	}

}
