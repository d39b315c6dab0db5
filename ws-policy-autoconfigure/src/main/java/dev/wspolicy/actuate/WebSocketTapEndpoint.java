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
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.server.ResponseStatusException;
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
import dev.wspolicy.fleet.SessionSelector;
import dev.wspolicy.recording.RecordingEntry;
import dev.wspolicy.recording.RecordingFormat;
import dev.wspolicy.redaction.Redaction;
import dev.wspolicy.session.SessionRegistry;

/**
 * {@link WebEndpoint @WebEndpoint} that shows the frames of live sessions as they pass.
 * The response is a stream of server-sent events that ends with the tap.
 */
@WebEndpoint(id = "websockettap", defaultAccess = Access.NONE)
public class WebSocketTapEndpoint {

	/**
	 * The type of the audit event for the start of a tap.
	 */
	static final String STARTED = "WEBSOCKET_TAP_STARTED";

	/**
	 * The type of the audit event for the end of a tap.
	 */
	static final String ENDED = "WEBSOCKET_TAP_ENDED";

	/**
	 * The maximum number of taps that run at the same time.
	 */
	static final int MAX_TAPS = FrameTaps.MAX;

	private static final int TOO_MANY_REQUESTS = 429;

	private static final String FULL = "taps: " + MAX_TAPS + " are already running";

	/** The number of records that are formatted ahead of the socket. */
	private static final int PREFETCH = 16;

	private static final JsonMapper JSON = JsonMapper.builder().build();

	private final FrameTaps taps;

	private final SessionRegistry registry;

	private final TapSettings settings;

	private final KnownSubprotocols subprotocols;

	private final ApplicationEventPublisher events;

	/**
	 * Creates an endpoint.
	 * @param registry the live sessions
	 * @param taps the running taps
	 * @param settings the settings of the endpoint
	 * @param subprotocols the subprotocols that are shown even if values are not
	 * @param events publishes the audit events
	 */
	public WebSocketTapEndpoint(SessionRegistry registry, FrameTaps taps, TapSettings settings,
			KnownSubprotocols subprotocols, ApplicationEventPublisher events) {
		this.registry = registry;
		this.taps = taps;
		this.settings = settings;
		this.subprotocols = subprotocols;
		this.events = events;
	}

	/**
	 * Show the frames of one session, or of all matching sessions.
	 * @param securityContext the security context of the request
	 * @param session the id of the session
	 * @param route the id of the route
	 * @param pipeline the name of the pipeline
	 * @param path the requested path, without the query; {@code *} stands for any
	 * characters
	 * @param principal the name of the principal
	 * @param address the address of the client, without the port
	 * @param sample the fraction of the frames to record, up to 1 for all
	 * @param duration how long the tap runs
	 * @param rate the maximum number of records per second
	 * @param bytes the maximum number of payload bytes per record
	 * @param pointers the JSON pointers to values to redact
	 * @return 200 with the events, or 400, 404 or 429
	 */
	@ReadOperation(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	public Mono<WebEndpointResponse<Object>> tap(SecurityContext securityContext, @Nullable String session,
			@Nullable String route, @Nullable String pipeline, @Nullable String path, @Nullable String principal,
			@Nullable String address, @Nullable Double sample, @Nullable Duration duration, @Nullable Integer rate,
			@Nullable Integer bytes, @Nullable List<String> pointers) {
		SessionSelector filter = new SessionSelector(null, route, pipeline, path, principal, address, null, null, null);
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
		if (this.taps.isFull()) {
			return answer(TOO_MANY_REQUESTS, new Problem(FULL));
		}
		boolean shown = this.settings.showValues().isShown(securityContext, this.settings.roles());
		int copied = shown ? (!redaction.isNone()) ? this.settings.maxBytes() : limits.bytes() : 0;
		TapStream stream = new TapStream(nameOf(securityContext), audited(session, filter, limits),
				new TapRecordFormatter(limits.bytes(), shown, redaction, this.subprotocols),
				(sink, watched) -> new RunningTap(session, filter.at(Instant.now()), limits, copied, sink,
						(tap) -> Schedulers.boundedElastic().schedule(() -> watched.ended(tap))));
		return Mono.just(
				new WebEndpointResponse<>(stream.start(), WebEndpointResponse.STATUS_OK, MediaType.TEXT_EVENT_STREAM));
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

	private static @Nullable String nameOf(SecurityContext securityContext) {
		Principal principal = securityContext.getPrincipal();
		return (principal != null) ? principal.getName() : null;
	}

	private static Map<String, @Nullable Object> audited(@Nullable String session, SessionSelector filter,
			TapLimits limits) {
		Map<String, @Nullable Object> data = new LinkedHashMap<>();
		putIfPresent(data, "session", session);
		putIfPresent(data, "route", filter.route());
		putIfPresent(data, "pipeline", filter.pipeline());
		putIfPresent(data, "path", filter.path());
		putIfPresent(data, "principal", filter.principal());
		putIfPresent(data, "address", filter.address());
		data.put("sample", limits.sample());
		data.put("duration", limits.duration().toString());
		data.put("bytes", limits.bytes());
		return data;
	}

	private static void putIfPresent(Map<String, @Nullable Object> data, String key, @Nullable String value) {
		if (value != null) {
			data.put(key, value);
		}
	}

	private static Mono<WebEndpointResponse<Object>> answer(int status, Problem problem) {
		return Mono.just(new WebEndpointResponse<>(problem, status, MediaType.APPLICATION_JSON));
	}

	/**
	 * The event stream of one tap.
	 */
	private final class TapStream {

		private final @Nullable String principal;

		private final Map<String, @Nullable Object> audited;

		private final TapRecordFormatter formatter;

		private final BiFunction<FluxSink<Signal>, TapStream, RunningTap> factory;

		/** Set on subscription, before the first signal. */
		private @Nullable RunningTap tap;

		private long reportedDrops;

		private int ticks;

		TapStream(@Nullable String principal, Map<String, @Nullable Object> audited, TapRecordFormatter formatter,
				BiFunction<FluxSink<Signal>, TapStream, RunningTap> factory) {
			this.principal = principal;
			this.audited = audited;
			this.formatter = formatter;
			this.factory = factory;
		}

		/** The tap starts on subscription, so that a HEAD request does not start one. */
		Flux<ServerSentEvent<String>> start() {
			// Format the records on a thread that does not carry traffic.
			return Flux.create(this::run, OverflowStrategy.BUFFER)
				.subscribeOn(Schedulers.boundedElastic(), false)
				.publishOn(Schedulers.parallel(), PREFETCH)
				.concatMapIterable(this::events, 1);
		}

		private void run(FluxSink<Signal> sink) {
			if (!WebSocketTapEndpoint.this.taps.reserve()) {
				// The last place was taken after the check above, but nothing has been
				// sent yet.
				sink.error(new ResponseStatusException(HttpStatus.TOO_MANY_REQUESTS, FULL));
				return;
			}
			try {
				// Audit before the tap starts, so that no tap goes unrecorded. The
				// listener may block.
				audit(STARTED, this.audited);
			}
			catch (RuntimeException | Error ex) {
				WebSocketTapEndpoint.this.taps.release();
				throw ex;
			}
			RunningTap tap = this.factory.apply(sink, this);
			this.tap = tap;
			Scheduler clock = Schedulers.parallel();
			Disposable.Composite timers = Disposables.composite();
			sink.onDispose(() -> {
				timers.dispose();
				tap.end("client-gone");
			});
			timers.add(clock.schedulePeriodically(tap::tick, 1, 1, TimeUnit.SECONDS));
			WebSocketTapEndpoint.this.taps.start(tap);
			sink.next(Signal.Mark.STARTED);
			// Afterwards, so that no tap ends before it has started.
			timers.add(clock.schedule(() -> tap.end("duration"), tap.duration().toNanos(), TimeUnit.NANOSECONDS));
		}

		private void ended(RunningTap tap) {
			WebSocketTapEndpoint.this.taps.stop(tap);
			Map<String, @Nullable Object> data = new LinkedHashMap<>(this.audited);
			data.put("reason", tap.reason());
			data.put("records", tap.recorded());
			data.put("dropped", tap.dropped());
			audit(ENDED, data);
		}

		private void audit(String type, Map<String, @Nullable Object> data) {
			WebSocketTapEndpoint.this.events
				.publishEvent(new AuditApplicationEvent(Objects.requireNonNullElse(this.principal, ""), type, data));
		}

		private List<ServerSentEvent<String>> events(Signal signal) {
			RunningTap tap = Objects.requireNonNull(this.tap);
			List<ServerSentEvent<String>> events = new ArrayList<>(2);
			long dropped = droppedBefore(signal, tap);
			if (dropped > this.reportedDrops) {
				events.add(event("dropped", new RecordingEntry.Dropped(dropped - this.reportedDrops)));
				this.reportedDrops = dropped;
			}
			if (signal instanceof Signal.Record next) {
				tap.delivered();
				events.add(event("frame", this.formatter.format(next.session(), next.frame())));
			}
			else if (signal instanceof Signal.Observed next) {
				tap.delivered();
				events.add(event("observed", this.formatter.format(next.session(), next.time(), next.verdict())));
			}
			else if (signal instanceof Signal.Opened opened) {
				events.add(event("open", this.formatter.format(opened.session())));
			}
			else if (signal instanceof Signal.Closed closed) {
				events.add(event("close", RecordingEntry.Close.of(closed.session(), closed.termination())));
			}
			else if (signal instanceof Signal.End end) {
				events.add(event("end", new RecordingEntry.End(end.reason())));
			}
			else if (signal == Signal.Mark.STARTED) {
				events.add(comment("tapping"));
				events.add(event("recording",
						new RecordingEntry.Begin(RecordingFormat.VERSION, "tap", Instant.now(), tap.sample())));
			}
			else if (events.isEmpty() && ++this.ticks % 10 == 0) {
				// A proxy may close a connection that is silent.
				events.add(comment("still tapping"));
			}
			return events;
		}

		/**
		 * Records are reported as missing where they are missing, not before what waited
		 * at that time.
		 */
		private long droppedBefore(Signal signal, RunningTap tap) {
			if (signal instanceof Signal.Record next) {
				return next.dropped();
			}
			if (signal instanceof Signal.Observed next) {
				return next.dropped();
			}
			// A tick comes only if nothing waits.
			boolean last = signal == Signal.Mark.TICK || signal instanceof Signal.End;
			return last ? tap.dropped() : this.reportedDrops;
		}

		private static ServerSentEvent<String> event(String name, RecordingEntry entry) {
			return event(name, RecordingFormat.fields(entry));
		}

		/** The data of all events together are a recording. */
		private static ServerSentEvent<String> event(String name, Map<String, ?> data) {
			return ServerSentEvent.builder(JSON.writeValueAsString(data)).event(name).build();
		}

		private static ServerSentEvent<String> comment(String text) {
			return ServerSentEvent.<String>builder().comment(text).build();
		}

	}

}
