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

import dev.wspolicy.pipeline.Masking;
import dev.wspolicy.pipeline.Utf8Validation;

/**
 * Configuration of ws-policy.
 */
@ConfigurationProperties(prefix = WsPolicyProperties.PREFIX, ignoreUnknownFields = false)
public class WsPolicyProperties {

	/**
	 * The prefix of all properties.
	 */
	public static final String PREFIX = "ws-policy";

	/**
	 * Whether WebSocket sessions are governed. If not, Spring Cloud Gateway proxies them
	 * as it does by itself.
	 */
	private boolean enabled = true;

	/**
	 * Whether a line is logged for each session that is over, at INFO by
	 * 'dev.wspolicy.session'.
	 */
	private boolean logSessions = true;

	/**
	 * Whether application events are published when sessions open and close, and when
	 * upgrades are refused.
	 */
	private boolean publishEvents = false;

	/**
	 * Whether the log lines of policies carry the id of the session, as 'wsSessionId' in
	 * the MDC. Costs each call of a policy a little.
	 */
	private boolean mdc = false;

	/**
	 * Pipelines by name. The one named 'default' serves WebSocket routes without the
	 * WsPolicy filter; what it sets, the other pipelines start from.
	 */
	private final Map<String, Pipeline> pipelines = new LinkedHashMap<>();

	@NestedConfigurationProperty
	private final Drain drain = new Drain();

	@NestedConfigurationProperty
	private final QueryToken queryToken = new QueryToken();

	public QueryToken getQueryToken() {
		return this.queryToken;
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

	public Map<String, Pipeline> getPipelines() {
		return this.pipelines;
	}

	/**
	 * How sessions are closed when the application shuts down or is drained.
	 */
	public static class Drain {

		/**
		 * Over how long the sessions are closed, each at a random moment. 0 closes all at
		 * once.
		 */
		private Duration window = Duration.ZERO;

		public Duration getWindow() {
			return this.window;
		}

		public void setWindow(Duration window) {
			this.window = window;
		}

	}

	/**
	 * How a token in the query of an upgrade becomes a header.
	 */
	public static class QueryToken {

		/**
		 * Whether a query parameter of WebSocket upgrades becomes a header, before
		 * anything else in the application sees the request.
		 */
		private boolean enabled;

		/**
		 * The name of the parameter.
		 */
		private String parameter = "access_token";

		/**
		 * The name of the header. One that the client has sent stays as it is.
		 */
		private String header = "Authorization";

		/**
		 * What stands before the value in the header. Empty for the value alone.
		 */
		private String scheme = "Bearer";

		/**
		 * Patterns of the paths whose upgrades are looked at.
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
	 * What serves the sessions of a route.
	 */
	public static class Pipeline {

		/**
		 * Whether upgrades are accepted. If not, they are refused with 503.
		 */
		private boolean enabled = true;

		/**
		 * Policies on upgrades, in order, after those that no pipeline lists: names of
		 * upgrade policy beans, or of factories with settings.
		 */
		private List<PolicyEntry> upgrade = new ArrayList<>();

		/**
		 * Policies on what the client sends, in order: names of policy beans, or of
		 * factories with settings.
		 */
		private List<PolicyEntry> inbound = new ArrayList<>();

		/**
		 * Policies on what the upstream sends, in order: names of policy beans, or of
		 * factories with settings.
		 */
		private List<PolicyEntry> outbound = new ArrayList<>();

		/**
		 * Media type of the messages, which no WebSocket frame carries, as policies are
		 * told it. 'application/json' by default.
		 */
		private @Nullable String contentType;

		/**
		 * What becomes of the client's masks on frames that pass unchanged. 'preserve' by
		 * default.
		 */
		private @Nullable Masking masking;

		/**
		 * When the text of messages is checked to be UTF-8. 'when-read' by default.
		 */
		private @Nullable Utf8Validation validateUtf8;

		/**
		 * Whether live sessions take on this pipeline's policies and limits when a
		 * refresh of the configuration has changed them. If not, only new sessions do.
		 * 'false' by default.
		 */
		private @Nullable Boolean applyToLive;

		/**
		 * What becomes of live sessions when their route changes or vanishes. 'keep' by
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
		 * Whether compression is accepted from clients that offer it. 'false' by default.
		 */
		private @Nullable Boolean client;

		/**
		 * Whether compression is offered to upstreams. 'false' by default.
		 */
		private @Nullable Boolean upstream;

		/**
		 * Whether a message may refer to earlier ones: smaller messages for more memory
		 * per session. 'true' by default.
		 */
		private @Nullable Boolean contextTakeover;

		/**
		 * How hard to compress, from 1, fastest, to 9, smallest. -1, zlib's own choice,
		 * by default.
		 */
		private @Nullable Integer level;

		/**
		 * Messages of fewer bytes are sent as they are. 64B by default.
		 */
		private @Nullable DataSize minSize;

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

	}

	/**
	 * How big frames and messages may be. Payload bytes count; control frames are exempt.
	 * A size of -1 is no limit.
	 */
	public static class Limits {

		/**
		 * Bytes per frame from the client. No limit but that of messages by default.
		 */
		private @Nullable DataSize inboundFrame;

		/**
		 * Bytes per message from the client. 1MB by default.
		 */
		private @Nullable DataSize inboundMessage;

		/**
		 * Bytes per frame from the upstream. No limit but that of messages by default.
		 */
		private @Nullable DataSize outboundFrame;

		/**
		 * Bytes per message from the upstream. 16MB by default.
		 */
		private @Nullable DataSize outboundMessage;

		/**
		 * Frames per message, in either direction. 1024 by default; -1 is no limit.
		 */
		private @Nullable Long fragments;

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

	}

	/**
	 * How long a session waits.
	 */
	public static class Session {

		/**
		 * For the upstream's answer to the upgrade, before the client gets a 504. 10s by
		 * default.
		 */
		private @Nullable Duration handshakeTimeout;

		/**
		 * For the end of the closing handshake, before the sockets are closed without it.
		 * 5s by default.
		 */
		private @Nullable Duration closeTimeout;

		/**
		 * For a verdict that a policy gives later. 10s by default.
		 */
		private @Nullable Duration verdictTimeout;

		/**
		 * For the next byte of a frame that has begun. 30s by default.
		 */
		private @Nullable Duration frameTimeout;

		/**
		 * For a peer that does not read what is sent to it, before it gets 1008. 60s by
		 * default; 0 waits for ever.
		 */
		private @Nullable Duration slowConsumerTimeout;

		/**
		 * For the next message in either direction, before both sides get 1001. 0, for
		 * ever, by default.
		 */
		private @Nullable Duration idleTimeout;

		/**
		 * From the opening of a session until both sides get 1001. 0, for ever, by
		 * default.
		 */
		private @Nullable Duration maxDuration;

		@NestedConfigurationProperty
		private final Heartbeat heartbeat = new Heartbeat();

		/**
		 * Bytes that may wait to be written to a peer before the other one is no longer
		 * read. 64KB by default.
		 */
		private @Nullable DataSize highWaterMark;

		/**
		 * Reading goes on when fewer bytes than this wait. 32KB by default.
		 */
		private @Nullable DataSize lowWaterMark;

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
	 * How peers that say nothing are asked whether they live.
	 */
	public static class Heartbeat {

		/**
		 * How long a peer may be silent before it is pinged. 0, for ever, by default.
		 */
		private @Nullable Duration interval;

		/**
		 * How long it may stay silent after that, before both sides get 1001. 30s by
		 * default.
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
	 * What a peer is told when the other one is lost without a close frame.
	 */
	public static class OnLoss {

		/**
		 * Close code for the client when the upstream is lost. 1011 by default.
		 */
		private @Nullable Integer upstream;

		/**
		 * Close code for the upstream when the client is lost. 1001 by default.
		 */
		private @Nullable Integer client;

		public @Nullable Integer getUpstream() {
			return this.upstream;
		}

		public void setUpstream(@Nullable Integer upstream) {
			this.upstream = upstream;
		}

		public @Nullable Integer getClient() {
			return this.client;
		}

		public void setClient(@Nullable Integer client) {
			this.client = client;
		}

	}

}
