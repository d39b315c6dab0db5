package dev.wspolicy.session;

import java.net.InetSocketAddress;
import java.net.URI;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.MultiValueMap;

/**
 * The HTTP request that opened a session, as it was: readable from every policy, writable
 * from none. Each collection throws {@link UnsupportedOperationException} on write. There
 * is one per session; it is never shared, and let go of when the session closes. Safe
 * from any thread.
 */
public interface UpgradeContext {

	/**
	 * The method of the request.
	 * @return the method, GET as RFC 6455 wants it
	 */
	HttpMethod method();

	/**
	 * The URI that the client asked for.
	 * @return the URI
	 */
	URI uri();

	/**
	 * The path of the URI, undecoded.
	 * @return the path
	 */
	default String path() {
		return uri().getRawPath();
	}

	/**
	 * The query parameters, decoded.
	 * @return the parameters; empty if there is no query
	 */
	MultiValueMap<String, String> queryParams();

	/**
	 * The headers of the request, as the client sent them.
	 * @return the headers, read-only
	 */
	HttpHeaders headers();

	/**
	 * The cookies of the request.
	 * @return the cookies by name
	 */
	MultiValueMap<String, HttpCookie> cookies();

	/**
	 * The variables that the route's path predicate has found.
	 * @return the variables by name
	 */
	Map<String, String> pathVariables();

	/**
	 * The id of the route that serves the session.
	 * @return the id
	 */
	String routeId();

	/**
	 * The metadata of the route that serves the session.
	 * @return the metadata by key
	 */
	Map<String, Object> routeMetadata();

	/**
	 * Who the client is, if the application authenticates requests.
	 * @return the principal, or {@code null}
	 */
	@Nullable Principal principal();

	/**
	 * The address that the client connects from, after forwarded headers where the
	 * application trusts them.
	 * @return the address, or {@code null} if unknown
	 */
	@Nullable InetSocketAddress remoteAddress();

	/**
	 * The address of this gateway that the client connects to.
	 * @return the address, or {@code null} if unknown
	 */
	@Nullable InetSocketAddress localAddress();

	/**
	 * The TLS session of the client's leg: its id and the client's certificates.
	 * @return the session, or {@code null} if the leg is not encrypted here
	 */
	@Nullable SslInfo tls();

	/**
	 * The subprotocols that the client offers, in its order of preference.
	 * @return the names; empty if it offers none
	 */
	List<String> offeredSubprotocols();

	/**
	 * The subprotocol that the upstream has chosen.
	 * @return the name, or {@code null} if none is spoken or the upstream has not
	 * answered yet
	 */
	@Nullable String subprotocol();

	/**
	 * Where the session is proxied to.
	 * @return the URI of the upstream, {@code ws} or {@code wss}
	 */
	URI upstreamUri();

	/**
	 * The headers of the upstream's answer to the handshake.
	 * @return the headers, read-only; empty while the upstream has not answered
	 */
	HttpHeaders upstreamHeaders();

	/**
	 * The attributes of the exchange, as they were at the upgrade. Tools of the
	 * frameworks that lead back to the exchange, which has ended, are left out, and so is
	 * what the other methods tell.
	 * @return the attributes by name
	 */
	Map<String, Object> attributes();

	/**
	 * When the upgrade request was seen.
	 * @return the time
	 */
	Instant time();

}
