package dev.wspolicy.test;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.util.UriComponentsBuilder;

import dev.wspolicy.session.UpgradeContext;

/**
 * An upgrade request that a test makes up, for policies in a session and for
 * {@link dev.wspolicy.policy.UpgradePolicy upgrade policies}. Immutable.
 */
public final class MockUpgradeContext implements UpgradeContext {

	private final String protocol;

	private final URI uri;

	private final MultiValueMap<String, String> queryParams;

	private final HttpHeaders headers;

	private final MultiValueMap<String, HttpCookie> cookies;

	private final Map<String, String> pathVariables;

	private final String routeId;

	private final Map<String, Object> routeMetadata;

	private final @Nullable Principal principal;

	private final @Nullable InetSocketAddress remoteAddress;

	private final @Nullable SslInfo tls;

	private final List<String> offeredSubprotocols;

	private final @Nullable String subprotocol;

	private final URI upstreamUri;

	private final HttpHeaders upstreamHeaders;

	private final Map<String, Object> attributes;

	private final Instant time = Instant.now();

	/**
	 * Creates a request.
	 * @param answered whether the upstream has answered, so that its choices are known
	 */
	private MockUpgradeContext(Builder builder, boolean answered) {
		this.protocol = builder.protocol;
		this.uri = builder.uri;
		this.queryParams = queryParams(builder.uri);
		this.headers = copy(builder.headers);
		this.cookies = CollectionUtils.unmodifiableMultiValueMap(new LinkedMultiValueMap<>(builder.cookies));
		this.pathVariables = Map.copyOf(builder.pathVariables);
		this.routeId = builder.routeId;
		this.routeMetadata = copy(builder.routeMetadata);
		this.principal = builder.principal;
		this.remoteAddress = builder.remoteAddress;
		this.tls = builder.tls;
		this.offeredSubprotocols = List.copyOf(builder.offeredSubprotocols);
		this.subprotocol = answered ? builder.subprotocol : null;
		this.upstreamUri = builder.upstreamUri;
		this.upstreamHeaders = answered ? copy(builder.upstreamHeaders) : HttpHeaders.EMPTY;
		this.attributes = copy(builder.attributes);
	}

	private static Map<String, Object> copy(Map<String, Object> map) {
		return Collections.unmodifiableMap(new LinkedHashMap<>(map));
	}

	private static HttpHeaders copy(HttpHeaders headers) {
		HttpHeaders copy = new HttpHeaders();
		copy.putAll(headers);
		return HttpHeaders.readOnlyHttpHeaders(copy);
	}

	private static MultiValueMap<String, String> queryParams(URI uri) {
		MultiValueMap<String, String> decoded = new LinkedMultiValueMap<>();
		UriComponentsBuilder.fromUri(uri)
			.build()
			.getQueryParams()
			.forEach((name, values) -> decoded.addAll(decode(name),
					values.stream().map((value) -> (value != null) ? decode(value) : null).toList()));
		return CollectionUtils.unmodifiableMultiValueMap(decoded);
	}

	/** As the server does it: a plus sign stands for a space. */
	private static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

	/**
	 * Returns a builder of a request.
	 * @param uri the URI: a path, with a query if there is one, on
	 * {@code http://localhost}, or an absolute URI
	 * @return the builder
	 */
	public static Builder get(String uri) {
		return new Builder(uri);
	}

	@Override
	public HttpMethod method() {
		return HttpMethod.GET;
	}

	@Override
	public String protocol() {
		return this.protocol;
	}

	@Override
	public URI uri() {
		return this.uri;
	}

	@Override
	public MultiValueMap<String, String> queryParams() {
		return this.queryParams;
	}

	@Override
	public HttpHeaders headers() {
		return this.headers;
	}

	@Override
	public MultiValueMap<String, HttpCookie> cookies() {
		return this.cookies;
	}

	@Override
	public Map<String, String> pathVariables() {
		return this.pathVariables;
	}

	@Override
	public String routeId() {
		return this.routeId;
	}

	@Override
	public Map<String, Object> routeMetadata() {
		return this.routeMetadata;
	}

	@Override
	public @Nullable Principal principal() {
		return this.principal;
	}

	@Override
	public @Nullable InetSocketAddress remoteAddress() {
		return this.remoteAddress;
	}

	@Override
	public @Nullable InetSocketAddress localAddress() {
		return null;
	}

	@Override
	public @Nullable SslInfo tls() {
		return this.tls;
	}

	@Override
	public List<String> offeredSubprotocols() {
		return this.offeredSubprotocols;
	}

	@Override
	public @Nullable String subprotocol() {
		return this.subprotocol;
	}

	@Override
	public URI upstreamUri() {
		return this.upstreamUri;
	}

	@Override
	public HttpHeaders upstreamHeaders() {
		return this.upstreamHeaders;
	}

	@Override
	public Map<String, Object> attributes() {
		return this.attributes;
	}

	@Override
	public Instant time() {
		return this.time;
	}

	@Override
	public String toString() {
		return "GET " + this.uri;
	}

	/**
	 * Builds requests.
	 */
	public static final class Builder {

		private URI uri;

		private String protocol = "HTTP/1.1";

		private final HttpHeaders headers = new HttpHeaders();

		private final MultiValueMap<String, HttpCookie> cookies = new LinkedMultiValueMap<>();

		private final Map<String, String> pathVariables = new LinkedHashMap<>();

		private String routeId = "test";

		private final Map<String, Object> routeMetadata = new LinkedHashMap<>();

		private @Nullable Principal principal;

		private @Nullable InetSocketAddress remoteAddress = new InetSocketAddress("127.0.0.1", 50000);

		private @Nullable SslInfo tls;

		private final List<String> offeredSubprotocols = new ArrayList<>();

		private @Nullable String subprotocol;

		private URI upstreamUri = URI.create("ws://upstream/");

		private final HttpHeaders upstreamHeaders = new HttpHeaders();

		private final Map<String, Object> attributes = new LinkedHashMap<>();

		private Builder(String uri) {
			this.uri = absolute(uri);
		}

		/** Returns a builder of the same request, to be changed apart from this one. */
		Builder copy() {
			Builder copy = new Builder("/");
			copy.uri = this.uri;
			copy.protocol = this.protocol;
			copy.headers.putAll(this.headers);
			this.cookies.forEach((name, values) -> copy.cookies.addAll(name, values));
			copy.pathVariables.putAll(this.pathVariables);
			copy.routeId = this.routeId;
			copy.routeMetadata.putAll(this.routeMetadata);
			copy.principal = this.principal;
			copy.remoteAddress = this.remoteAddress;
			copy.tls = this.tls;
			copy.offeredSubprotocols.addAll(this.offeredSubprotocols);
			copy.subprotocol = this.subprotocol;
			copy.upstreamUri = this.upstreamUri;
			copy.upstreamHeaders.putAll(this.upstreamHeaders);
			copy.attributes.putAll(this.attributes);
			return copy;
		}

		private static URI absolute(String uri) {
			return URI.create("http://localhost/").resolve(uri);
		}

		/**
		 * Sets the URI.
		 * @param uri the URI: a path, with a query if there is one, or an absolute URI
		 * @return this builder
		 */
		public Builder uri(String uri) {
			this.uri = absolute(uri);
			return this;
		}

		/**
		 * Sets the protocol of the client's leg.
		 * @param protocol {@code HTTP/1.1}, which is the default, or {@code HTTP/2}
		 * @return this builder
		 */
		public Builder protocol(String protocol) {
			this.protocol = protocol;
			return this;
		}

		/**
		 * Adds a header. Values of an earlier call with the same name are kept. Cookies
		 * and subprotocols have methods of their own.
		 * @param name the name
		 * @param values the values
		 * @return this builder
		 */
		public Builder header(String name, String... values) {
			this.headers.addAll(name, List.of(values));
			return this;
		}

		/**
		 * Adds a cookie, and its header.
		 * @param name the name
		 * @param value the value
		 * @return this builder
		 */
		public Builder cookie(String name, String value) {
			this.cookies.add(name, new HttpCookie(name, value));
			return header(HttpHeaders.COOKIE, name + "=" + value);
		}

		/**
		 * Adds a variable of the route's path predicate.
		 * @param name the name
		 * @param value the value
		 * @return this builder
		 */
		public Builder pathVariable(String name, String value) {
			this.pathVariables.put(name, value);
			return this;
		}

		/**
		 * Sets the route.
		 * @param routeId the id of the route, {@code test} by default
		 * @return this builder
		 */
		public Builder routeId(String routeId) {
			this.routeId = routeId;
			return this;
		}

		/**
		 * Adds metadata of the route.
		 * @param key the key
		 * @param value the value
		 * @return this builder
		 */
		public Builder routeMetadata(String key, Object value) {
			this.routeMetadata.put(key, value);
			return this;
		}

		/**
		 * Sets a principal of which only the name is known.
		 * @param name the name
		 * @return this builder
		 */
		public Builder principal(String name) {
			return principal(new NamedPrincipal(name));
		}

		/**
		 * Sets the principal.
		 * @param principal the principal
		 * @return this builder
		 */
		public Builder principal(Principal principal) {
			this.principal = principal;
			return this;
		}

		/**
		 * Sets the address that the client connects from.
		 * @param address the address, or {@code null} if it is unknown;
		 * {@code 127.0.0.1:50000} by default
		 * @return this builder
		 */
		public Builder remoteAddress(@Nullable InetSocketAddress address) {
			this.remoteAddress = address;
			return this;
		}

		/**
		 * Sets the TLS session of the client's leg.
		 * @param tls the TLS session, or {@code null} if there is none, as by default
		 * @return this builder
		 */
		public Builder tls(@Nullable SslInfo tls) {
			this.tls = tls;
			return this;
		}

		/**
		 * Sets the subprotocols that the client offers.
		 * @param names the names
		 * @return this builder
		 */
		public Builder offeredSubprotocols(String... names) {
			this.offeredSubprotocols.clear();
			this.offeredSubprotocols.addAll(List.of(names));
			return this;
		}

		/**
		 * Sets the subprotocol that the upstream has selected. The client offers it, too.
		 * An upgrade policy is called before that: set only what the client offers.
		 * @param name the name
		 * @return this builder
		 */
		public Builder subprotocol(String name) {
			this.subprotocol = name;
			if (!this.offeredSubprotocols.contains(name)) {
				this.offeredSubprotocols.add(name);
			}
			return this;
		}

		/**
		 * Sets the URI that the session is proxied to.
		 * @param uri the URI, {@code ws://upstream/} by default
		 * @return this builder
		 */
		public Builder upstreamUri(String uri) {
			this.upstreamUri = URI.create(uri);
			return this;
		}

		/**
		 * Adds a header of the upstream's response.
		 * @param name the name
		 * @param values the values
		 * @return this builder
		 */
		public Builder upstreamHeader(String name, String... values) {
			this.upstreamHeaders.addAll(name, List.of(values));
			return this;
		}

		/**
		 * Adds an attribute of the exchange.
		 * @param name the name
		 * @param value the value
		 * @return this builder
		 */
		public Builder attribute(String name, Object value) {
			this.attributes.put(name, value);
			return this;
		}

		/**
		 * Builds the request.
		 * @return the request
		 */
		public MockUpgradeContext build() {
			return new MockUpgradeContext(this, true);
		}

		/** Builds the request as it is before the upstream has answered. */
		MockUpgradeContext buildUnanswered() {
			return new MockUpgradeContext(this, false);
		}

	}

	private record NamedPrincipal(String name) implements Principal {

		@Override
		public String getName() {
			return this.name;
		}

	}

}
