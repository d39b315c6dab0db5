package dev.wspolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

import dev.wspolicy.fleet.OnFailure;
import dev.wspolicy.frame.CloseStatus;
import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.Timeouts;
import dev.wspolicy.pipeline.TurnBudget;
import dev.wspolicy.pipeline.Utf8Validation;

/**
 * Configuration properties for ws-policy.
 */
@ConfigurationProperties(prefix = WsPolicyProperties.PREFIX, ignoreUnknownFields = false)
public class WsPolicyProperties {

	/**
	 * The prefix of all properties.
	 */
	public static final String PREFIX = "ws-policy";

	/**
	 * Whether to govern WebSocket sessions. If not, Spring Cloud Gateway proxies them as
	 * it does without ws-policy.
	 */
	private boolean enabled = true;

	/**
	 * Whether to log a line for each session that has closed and for each upgrade that
	 * was refused, at INFO level with the logger 'dev.wspolicy.session'.
	 */
	private boolean logSessions = true;

	/**
	 * Whether to publish application events when sessions open and close, and when
	 * upgrades are refused.
	 */
	private boolean publishEvents = false;

	/**
	 * Whether to add the id of the session to the MDC as 'wsSessionId' while policies are
	 * called. Adds a small cost to each call of a policy.
	 */
	private boolean mdc = false;

	/**
	 * How many event loops Reactor Netty starts. 'auto' starts one for each processor,
	 * unless the system property 'reactor.netty.ioWorkerCount' is set. By default,
	 * Reactor Netty decides, which starts at least four.
	 */
	private EventLoops eventLoops = EventLoops.REACTOR_NETTY;

	/**
	 * How long to open sessions to an upstream inside the process before the application
	 * is ready, so that the first clients find compiled code. Off by default.
	 */
	private Duration warmUp = Duration.ZERO;

	/**
	 * Pipelines by name. The pipeline named 'default' serves WebSocket routes without the
	 * WsPolicy filter, and the other pipelines inherit its values, except for 'enabled'
	 * and the policies.
	 */
	private final Map<String, Pipeline> pipelines = new LinkedHashMap<>();

	private final Fleet fleet = new Fleet();

	@NestedConfigurationProperty
	private final Drain drain = new Drain();

	@NestedConfigurationProperty
	private final Turn turn = new Turn();

	@NestedConfigurationProperty
	private final LoadBalancer loadBalancer = new LoadBalancer();

	@NestedConfigurationProperty
	private final QueryToken queryToken = new QueryToken();

	@NestedConfigurationProperty
	private final Http2 http2 = new Http2();

	public Http2 getHttp2() {
		return this.http2;
	}

	public QueryToken getQueryToken() {
		return this.queryToken;
	}

	public Turn getTurn() {
		return this.turn;
	}

	public LoadBalancer getLoadBalancer() {
		return this.loadBalancer;
	}

	public Drain getDrain() {
		return this.drain;
	}

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public boolean isLogSessions() {
		return this.logSessions;
	}

	public void setLogSessions(boolean logSessions) {
		this.logSessions = logSessions;
	}

	public boolean isPublishEvents() {
		return this.publishEvents;
	}

	public void setPublishEvents(boolean publishEvents) {
		this.publishEvents = publishEvents;
	}

	public boolean isMdc() {
		return this.mdc;
	}

	public void setMdc(boolean mdc) {
		this.mdc = mdc;
	}

	public Duration getWarmUp() {
		return this.warmUp;
	}

	public void setWarmUp(Duration warmUp) {
		this.warmUp = warmUp;
	}

	public EventLoops getEventLoops() {
		return this.eventLoops;
	}

	public void setEventLoops(EventLoops eventLoops) {
		this.eventLoops = eventLoops;
	}

	public Fleet getFleet() {
		return this.fleet;
	}

	public Map<String, Pipeline> getPipelines() {
		return this.pipelines;
	}

	/**
	 * Who decides how many event loops there are.
	 */
	public enum EventLoops {

		/**
		 * Reactor Netty, by its system property or its default.
		 */
		REACTOR_NETTY,

		/**
		 * The number of processors.
		 */
		AUTO

	}

	/**
	 * How sessions are closed when the application shuts down or the gateway is drained.
	 */
	public static class Drain {

		/**
		 * Time over which sessions are closed, each at a random moment. 0 closes all at
		 * once.
		 */
		private Duration window = Duration.ZERO;

		/**
		 * Close code for clients. Many clients reconnect by themselves after 1012.
		 * Upstreams always get 1001.
		 */
		private int code = CloseStatus.GOING_AWAY.code();

		/**
		 * Close reason for clients, of up to 123 bytes.
		 */
		private String reason = "";

		public int getCode() {
			return this.code;
		}

		public void setCode(int code) {
			this.code = code;
		}

		public String getReason() {
			return this.reason;
		}

		public void setReason(String reason) {
			this.reason = reason;
		}

		public Duration getWindow() {
			return this.window;
		}

		public void setWindow(Duration window) {
			this.window = window;
		}

	}

	/**
	 * Gateways that act as one. Most of it has an effect only with a module that connects
	 * them, which reads the same properties.
	 */
	public static class Fleet {

		/**
		 * Whether this gateway acts with others, if there is a module that connects them.
		 */
		private boolean enabled = true;

		/**
		 * Name of this gateway, unique among those that act as one. A random one by
		 * default.
		 */
		private @Nullable String gateway;

		/**
		 * Prefix of all keys. Gateways that act as one share it.
		 */
		private String keyPrefix = "ws-policy:";

		/**
		 * How long a frame or an upgrade waits for Redis.
		 */
		private Duration timeout = Duration.ofMillis(200);

		/**
		 * What caps and rates do while Redis cannot be reached.
		 */
		private OnFailure onFailure = OnFailure.LOCAL;

		/**
		 * How long a gateway is regarded as alive after its last sign of life.
		 */
		private Duration lease = Duration.ofSeconds(15);

		/**
		 * Whether the endpoint answers for all gateways unless a request says otherwise.
		 */
		private boolean endpointDefault;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public @Nullable String getGateway() {
			return this.gateway;
		}

		public void setGateway(@Nullable String gateway) {
			this.gateway = gateway;
		}

		public String getKeyPrefix() {
			return this.keyPrefix;
		}

		public void setKeyPrefix(String keyPrefix) {
			this.keyPrefix = keyPrefix;
		}

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

		public OnFailure getOnFailure() {
			return this.onFailure;
		}

		public void setOnFailure(OnFailure onFailure) {
			this.onFailure = onFailure;
		}

		public Duration getLease() {
			return this.lease;
		}

		public void setLease(Duration lease) {
			this.lease = lease;
		}

		public boolean isEndpointDefault() {
			return this.endpointDefault;
		}

		public void setEndpointDefault(boolean endpointDefault) {
			this.endpointDefault = endpointDefault;
		}

	}

	/**
	 * How much data from one leg of a session is processed in one turn of its event loop,
	 * before other sessions get a turn.
	 */
	public static class Turn {

		/**
		 * Maximum number of frames per turn.
		 */
		private int frames = TurnBudget.DEFAULT.frames();

		/**
		 * Maximum number of received bytes per turn.
		 */
		private DataSize readBytes = DataSize.ofBytes(TurnBudget.DEFAULT.readBytes());

		/**
		 * Maximum number of bytes per turn that compressed messages are inflated to.
		 */
		private DataSize inflatedBytes = DataSize.ofBytes(TurnBudget.DEFAULT.inflatedBytes());

		public int getFrames() {
			return this.frames;
		}

		public void setFrames(int frames) {
			this.frames = frames;
		}

		public DataSize getReadBytes() {
			return this.readBytes;
		}

		public void setReadBytes(DataSize readBytes) {
			this.readBytes = readBytes;
		}

		public DataSize getInflatedBytes() {
			return this.inflatedBytes;
		}

		public void setInflatedBytes(DataSize inflatedBytes) {
			this.inflatedBytes = inflatedBytes;
		}

	}

	/**
	 * How load balancers of 'lb:' routes count sessions.
	 */
	public static class LoadBalancer {

		/**
		 * Whether a session counts as an active request of its instance until it is over.
		 * If not, the request completes with the 101, as with Spring Cloud Gateway alone.
		 */
		private boolean countSessions = true;

		public boolean isCountSessions() {
			return this.countSessions;
		}

		public void setCountSessions(boolean countSessions) {
			this.countSessions = countSessions;
		}

	}

	/**
	 * Whether clients may open WebSockets over HTTP/2.
	 */
	public static class Http2 {

		/**
		 * Whether clients may open sessions as streams of an HTTP/2 connection. Requires
		 * 'server.http2.enabled'.
		 */
		private boolean enabled;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

	}

	/**
	 * How a token in the query of an upgrade request is moved to a header.
	 */
	public static class QueryToken {

		/**
		 * Whether to move a query parameter of WebSocket upgrades to a header, before
		 * anything else in the application sees the request.
		 */
		private boolean enabled;

		/**
		 * Name of the query parameter.
		 */
		private String parameter = "access_token";

		/**
		 * Name of the header. A header that the client sent takes precedence.
		 */
		private String header = "Authorization";

		/**
		 * Authentication scheme to prepend to the value. Empty for the value alone.
		 */
		private String scheme = "Bearer";

		/**
		 * Patterns of the request paths to apply this to.
		 */
		private List<String> paths = List.of("/**");

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public String getParameter() {
			return this.parameter;
		}

		public void setParameter(String parameter) {
			this.parameter = parameter;
		}

		public String getHeader() {
			return this.header;
		}

		public void setHeader(String header) {
			this.header = header;
		}

		public String getScheme() {
			return this.scheme;
		}

		public void setScheme(String scheme) {
			this.scheme = scheme;
		}

		public List<String> getPaths() {
			return this.paths;
		}

		public void setPaths(List<String> paths) {
			this.paths = paths;
		}

	}

	/**
	 * Policies, limits and timeouts of the sessions of a route.
	 */
	public static class Pipeline {

		/**
		 * Whether to accept upgrades. If not, they are refused with 503.
		 */
		private boolean enabled = true;

		/**
		 * Upgrade policies, in order, after those with an annotation. Each entry is the
		 * name of a bean, or the name of a factory with settings.
		 */
		private List<PolicyEntry> upgrade = new ArrayList<>();

		/**
		 * Policies for frames from the client, in order. Each entry is the name of a
		 * bean, or the name of a factory with settings.
		 */
		private List<PolicyEntry> inbound = new ArrayList<>();

		/**
		 * Policies for frames from the upstream, in order. Each entry is the name of a
		 * bean, or the name of a factory with settings.
		 */
		private List<PolicyEntry> outbound = new ArrayList<>();

		/**
		 * Media type of the messages as reported to policies, because WebSocket frames do
		 * not contain one. 'application/json' by default.
		 */
		private @Nullable String contentType;

		/**
		 * How frames from the client that pass unchanged are masked towards the upstream.
		 * 'preserve' by default.
		 */
		private @Nullable Masking masking;

		/**
		 * When to check that text is valid UTF-8. 'when-read' by default.
		 */
		private @Nullable Utf8Validation validateUtf8;

		/**
		 * Whether live sessions adopt the policies and limits of this pipeline when a
		 * refresh of the configuration has changed them. If not, only new sessions do.
		 * 'false' by default.
		 */
		private @Nullable Boolean applyToLive;

		/**
		 * What happens to live sessions when their route is changed or removed. 'keep' by
		 * default.
		 */
		private @Nullable OnRouteChange onRouteChange;

		@NestedConfigurationProperty
		private final Compression compression = new Compression();

		@NestedConfigurationProperty
		private final Limits limits = new Limits();

		@NestedConfigurationProperty
		private final Session session = new Session();

		@NestedConfigurationProperty
		private final OnLoss onLoss = new OnLoss();

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public List<PolicyEntry> getUpgrade() {
			return this.upgrade;
		}

		public void setUpgrade(List<PolicyEntry> upgrade) {
			this.upgrade = upgrade;
		}

		public List<PolicyEntry> getInbound() {
			return this.inbound;
		}

		public void setInbound(List<PolicyEntry> inbound) {
			this.inbound = inbound;
		}

		public List<PolicyEntry> getOutbound() {
			return this.outbound;
		}

		public void setOutbound(List<PolicyEntry> outbound) {
			this.outbound = outbound;
		}

		public @Nullable String getContentType() {
			return this.contentType;
		}

		public void setContentType(@Nullable String contentType) {
			this.contentType = contentType;
		}

		public @Nullable Masking getMasking() {
			return this.masking;
		}

		public void setMasking(@Nullable Masking masking) {
			this.masking = masking;
		}

		public @Nullable Utf8Validation getValidateUtf8() {
			return this.validateUtf8;
		}

		public void setValidateUtf8(@Nullable Utf8Validation validateUtf8) {
			this.validateUtf8 = validateUtf8;
		}

		public @Nullable Boolean getApplyToLive() {
			return this.applyToLive;
		}

		public void setApplyToLive(@Nullable Boolean applyToLive) {
			this.applyToLive = applyToLive;
		}

		public @Nullable OnRouteChange getOnRouteChange() {
			return this.onRouteChange;
		}

		public void setOnRouteChange(@Nullable OnRouteChange onRouteChange) {
			this.onRouteChange = onRouteChange;
		}

		public Compression getCompression() {
			return this.compression;
		}

		public Limits getLimits() {
			return this.limits;
		}

		public Session getSession() {
			return this.session;
		}

		public OnLoss getOnLoss() {
			return this.onLoss;
		}

	}

	/**
	 * Which legs may be compressed with permessage-deflate.
	 */
	public static class Compression {

		/**
		 * Whether to accept compression from clients that offer it. 'false' by default.
		 */
		private @Nullable Boolean client;

		/**
		 * Whether to offer compression to upstreams. 'false' by default.
		 */
		private @Nullable Boolean upstream;

		/**
		 * Whether messages may refer to earlier ones. This makes messages smaller but
		 * takes more memory per session. 'true' by default.
		 */
		private @Nullable Boolean contextTakeover;

		/**
		 * Compression level, from 1 (fastest) to 9 (smallest). -1 by default, which is
		 * zlib's own choice.
		 */
		private @Nullable Integer level;

		/**
		 * Minimum size of messages to compress. 64B by default.
		 */
		private @Nullable DataSize minSize;

		/**
		 * How far back messages may refer, as a power of two: from 9 for 512 bytes to 15
		 * for 32 KB. 15 by default; less takes less memory per session and requires
		 * JZlib.
		 */
		private @Nullable Integer windowBits;

		/**
		 * How much memory the compression of messages takes besides, from 5 to 9. 8 by
		 * default; anything else requires JZlib.
		 */
		private @Nullable Integer memLevel;

		public @Nullable Boolean getClient() {
			return this.client;
		}

		public void setClient(@Nullable Boolean client) {
			this.client = client;
		}

		public @Nullable Boolean getUpstream() {
			return this.upstream;
		}

		public void setUpstream(@Nullable Boolean upstream) {
			this.upstream = upstream;
		}

		public @Nullable Boolean getContextTakeover() {
			return this.contextTakeover;
		}

		public void setContextTakeover(@Nullable Boolean contextTakeover) {
			this.contextTakeover = contextTakeover;
		}

		public @Nullable Integer getLevel() {
			return this.level;
		}

		public void setLevel(@Nullable Integer level) {
			this.level = level;
		}

		public @Nullable DataSize getMinSize() {
			return this.minSize;
		}

		public void setMinSize(@Nullable DataSize minSize) {
			this.minSize = minSize;
		}

		public @Nullable Integer getWindowBits() {
			return this.windowBits;
		}

		public void setWindowBits(@Nullable Integer windowBits) {
			this.windowBits = windowBits;
		}

		public @Nullable Integer getMemLevel() {
			return this.memLevel;
		}

		public void setMemLevel(@Nullable Integer memLevel) {
			this.memLevel = memLevel;
		}

	}

	/**
	 * Limits on frames and messages, in payload bytes. Control frames are exempt. -1
	 * means no limit.
	 */
	public static class Limits {

		/**
		 * Maximum size of a frame from the client. By default, only messages are limited.
		 */
		private @Nullable DataSize inboundFrame;

		/**
		 * Maximum size of a message from the client. 1MB by default.
		 */
		private @Nullable DataSize inboundMessage;

		/**
		 * Maximum size of a frame from the upstream. By default, only messages are
		 * limited.
		 */
		private @Nullable DataSize outboundFrame;

		/**
		 * Maximum size of a message from the upstream. 16MB by default.
		 */
		private @Nullable DataSize outboundMessage;

		/**
		 * Maximum number of frames per message, in both directions, unless
		 * 'inbound-fragments' or 'outbound-fragments' is set. -1 means no limit.
		 */
		private @Nullable Long fragments;

		/**
		 * Maximum number of frames per message from the client. 1024 by default. -1 means
		 * no limit.
		 */
		private @Nullable Long inboundFragments;

		/**
		 * Maximum number of frames per message from the upstream. 65536 by default. -1
		 * means no limit.
		 */
		private @Nullable Long outboundFragments;

		public @Nullable DataSize getInboundFrame() {
			return this.inboundFrame;
		}

		public void setInboundFrame(@Nullable DataSize inboundFrame) {
			this.inboundFrame = inboundFrame;
		}

		public @Nullable DataSize getInboundMessage() {
			return this.inboundMessage;
		}

		public void setInboundMessage(@Nullable DataSize inboundMessage) {
			this.inboundMessage = inboundMessage;
		}

		public @Nullable DataSize getOutboundFrame() {
			return this.outboundFrame;
		}

		public void setOutboundFrame(@Nullable DataSize outboundFrame) {
			this.outboundFrame = outboundFrame;
		}

		public @Nullable DataSize getOutboundMessage() {
			return this.outboundMessage;
		}

		public void setOutboundMessage(@Nullable DataSize outboundMessage) {
			this.outboundMessage = outboundMessage;
		}

		public @Nullable Long getFragments() {
			return this.fragments;
		}

		public void setFragments(@Nullable Long fragments) {
			this.fragments = fragments;
		}

		public @Nullable Long getInboundFragments() {
			return this.inboundFragments;
		}

		public void setInboundFragments(@Nullable Long inboundFragments) {
			this.inboundFragments = inboundFragments;
		}

		public @Nullable Long getOutboundFragments() {
			return this.outboundFragments;
		}

		public void setOutboundFragments(@Nullable Long outboundFragments) {
			this.outboundFragments = outboundFragments;
		}

	}

	/**
	 * Timeouts and buffers of a session.
	 */
	public static class Session {

		/**
		 * Timeout for the upstream's response to the upgrade, after which the client gets
		 * a 504. Also applies to the time that the route's filters hold back a 101, and
		 * to each pause in the body of a refusal. 10s by default.
		 */
		private @Nullable Duration handshakeTimeout;

		/**
		 * Timeout for the closing handshake, after which the connections are closed
		 * without it. Restarts while a peer still reads what was sent before the close
		 * frame. 5s by default.
		 */
		private @Nullable Duration closeTimeout;

		/**
		 * Timeout for a delayed verdict. 10s by default.
		 */
		private @Nullable Duration verdictTimeout;

		/**
		 * Timeout for the next byte of an incomplete frame. 30s by default.
		 */
		private @Nullable Duration frameTimeout;

		/**
		 * Timeout for a peer that does not read, after which that peer gets 1008. Also
		 * limits how long a peer may take to read what was sent before the close frame,
		 * and how long verdicts on what a lost peer has sent are awaited. 60s by default.
		 * 0 disables it.
		 */
		private @Nullable Duration slowConsumerTimeout;

		/**
		 * Timeout for the next data message in either direction, after which both sides
		 * get 1001. Disabled (0) by default.
		 */
		private @Nullable Duration idleTimeout;

		/**
		 * Maximum duration of a session, after which both sides get 1001. Disabled (0) by
		 * default.
		 */
		private @Nullable Duration maxDuration;

		/**
		 * How much earlier than the maximum duration a session may end, at random, so
		 * that clients that have connected together do not all reconnect together. Off
		 * (0) by default.
		 */
		private @Nullable Duration maxDurationJitter;

		@NestedConfigurationProperty
		private final Heartbeat heartbeat = new Heartbeat();

		/**
		 * Number of bytes waiting to be written to a peer at which reading from the other
		 * peer stops. 64KB by default.
		 */
		private @Nullable DataSize highWaterMark;

		/**
		 * Number of bytes waiting to be written below which reading resumes. 32KB by
		 * default.
		 */
		private @Nullable DataSize lowWaterMark;

		/**
		 * Resolves the timeouts of a pipeline.
		 * @param resolver resolves and checks each property
		 * @param defaults the timeouts that apply where no property sets one
		 * @return the timeouts
		 */
		static Timeouts timeouts(PipelinePropertyResolver resolver, Timeouts defaults) {
			Duration maxDuration = resolver.optional("max-duration", Session::getMaxDuration, defaults.maxDuration());
			return Timeouts.builder()
				.handshake(resolver.timeout("handshake-timeout", Session::getHandshakeTimeout, defaults.handshake()))
				.close(resolver.timeout("close-timeout", Session::getCloseTimeout, defaults.close()))
				.verdict(resolver.timeout("verdict-timeout", Session::getVerdictTimeout, defaults.verdict()))
				.frame(resolver.timeout("frame-timeout", Session::getFrameTimeout, defaults.frame()))
				.slowConsumer(resolver.optional("slow-consumer-timeout", Session::getSlowConsumerTimeout,
						defaults.slowConsumer()))
				.idle(resolver.optional("idle-timeout", Session::getIdleTimeout, defaults.idle()))
				.maxDuration(maxDuration)
				.maxDurationJitter(resolver.maxDurationJitter(maxDuration, defaults.maxDurationJitter()))
				.heartbeat(new Timeouts.Heartbeat(
						resolver.optional("heartbeat.interval", (session) -> session.getHeartbeat().getInterval(),
								defaults.heartbeat().interval()),
						resolver.timeout("heartbeat.timeout", (session) -> session.getHeartbeat().getTimeout(),
								defaults.heartbeat().timeout())))
				.build();
		}

		public @Nullable Duration getHandshakeTimeout() {
			return this.handshakeTimeout;
		}

		public void setHandshakeTimeout(@Nullable Duration handshakeTimeout) {
			this.handshakeTimeout = handshakeTimeout;
		}

		public @Nullable Duration getCloseTimeout() {
			return this.closeTimeout;
		}

		public void setCloseTimeout(@Nullable Duration closeTimeout) {
			this.closeTimeout = closeTimeout;
		}

		public @Nullable Duration getVerdictTimeout() {
			return this.verdictTimeout;
		}

		public void setVerdictTimeout(@Nullable Duration verdictTimeout) {
			this.verdictTimeout = verdictTimeout;
		}

		public @Nullable Duration getSlowConsumerTimeout() {
			return this.slowConsumerTimeout;
		}

		public void setSlowConsumerTimeout(@Nullable Duration slowConsumerTimeout) {
			this.slowConsumerTimeout = slowConsumerTimeout;
		}

		public @Nullable Duration getIdleTimeout() {
			return this.idleTimeout;
		}

		public void setIdleTimeout(@Nullable Duration idleTimeout) {
			this.idleTimeout = idleTimeout;
		}

		public @Nullable Duration getMaxDuration() {
			return this.maxDuration;
		}

		public void setMaxDuration(@Nullable Duration maxDuration) {
			this.maxDuration = maxDuration;
		}

		public @Nullable Duration getMaxDurationJitter() {
			return this.maxDurationJitter;
		}

		public void setMaxDurationJitter(@Nullable Duration maxDurationJitter) {
			this.maxDurationJitter = maxDurationJitter;
		}

		public Heartbeat getHeartbeat() {
			return this.heartbeat;
		}

		public @Nullable DataSize getHighWaterMark() {
			return this.highWaterMark;
		}

		public void setHighWaterMark(@Nullable DataSize highWaterMark) {
			this.highWaterMark = highWaterMark;
		}

		public @Nullable DataSize getLowWaterMark() {
			return this.lowWaterMark;
		}

		public void setLowWaterMark(@Nullable DataSize lowWaterMark) {
			this.lowWaterMark = lowWaterMark;
		}

		public @Nullable Duration getFrameTimeout() {
			return this.frameTimeout;
		}

		public void setFrameTimeout(@Nullable Duration frameTimeout) {
			this.frameTimeout = frameTimeout;
		}

	}

	/**
	 * How silent peers are probed.
	 */
	public static class Heartbeat {

		/**
		 * How long a peer may be silent before it is pinged, and pinged again. Disabled
		 * (0) by default.
		 */
		private @Nullable Duration interval;

		/**
		 * How long a peer may stay silent after the first of these pings, before both
		 * sides get 1001. 30s by default.
		 */
		private @Nullable Duration timeout;

		public @Nullable Duration getInterval() {
			return this.interval;
		}

		public void setInterval(@Nullable Duration interval) {
			this.interval = interval;
		}

		public @Nullable Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(@Nullable Duration timeout) {
			this.timeout = timeout;
		}

	}

	/**
	 * How a peer is closed when the other one is lost without a close frame.
	 */
	public static class OnLoss {

		/**
		 * Close code for the client when the upstream is lost, or 'abort' to close the
		 * connection without a close frame. 1011 by default.
		 */
		private @Nullable String upstream;

		/**
		 * Close code for the upstream when the client is lost, or 'abort' to close the
		 * connection without a close frame. 1001 by default.
		 */
		private @Nullable String client;

		public @Nullable String getUpstream() {
			return this.upstream;
		}

		public void setUpstream(@Nullable String upstream) {
			this.upstream = upstream;
		}

		public @Nullable String getClient() {
			return this.client;
		}

		public void setClient(@Nullable String client) {
			this.client = client;
		}

	}

}
