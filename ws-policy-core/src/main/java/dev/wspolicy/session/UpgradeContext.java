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
 * The HTTP request that opened a session, as it entered the gateway's filter chain: after
 * the application's {@code WebFilter}s, and before the filters of the route. Read-only:
 * each collection throws {@link UnsupportedOperationException} on a write. There is one
 * per session, which is released when the session ends. Safe from any thread.
 */
public interface UpgradeContext {

	/**
	 * Returns the method of the request.
	 * @return the method, GET for a valid handshake (RFC 6455, section 4.1); the extended
	 * CONNECT of an HTTP/2 client is shown as the GET that it stands for
	 */
	HttpMethod method();

	/**
	 * Returns the protocol of the request, by which the client's leg is one of HTTP/1.1,
	 * a connection of its own, or of HTTP/2, a stream
	 * (<a href="https://www.rfc-editor.org/rfc/rfc8441">RFC 8441</a>).
	 * @return {@code HTTP/1.1} or {@code HTTP/2}
	 */
	default String protocol() {
		return "HTTP/1.1";
	}

	/**
	 * Returns the URI that the client requested.
	 * @return the URI
	 */
	URI uri();

	/**
	 * Returns the path of the URI, not decoded.
	 * @return the path
	 */
	default String path() {
		return uri().getRawPath();
	}

	/**
	 * Returns the decoded query parameters.
	 * @return the parameters; empty if there is no query
	 */
	MultiValueMap<String, String> queryParams();

	/**
	 * Returns the headers of the request, with the changes of {@code WebFilter}s. A
	 * client can send any header that no such filter sets. Once the session is open,
	 * {@code Sec-WebSocket-Key} is not among them, because it only serves the handshake.
	 * @return the headers, read-only
	 */
	HttpHeaders headers();

	/**
	 * Returns the cookies of the request as the client sent them, even if a
	 * {@code WebFilter} has changed the header.
	 * @return the cookies by name
	 */
	MultiValueMap<String, HttpCookie> cookies();

	/**
	 * Returns the variables of the route's path predicate.
	 * @return the variables by name
	 */
	Map<String, String> pathVariables();

	/**
	 * Returns the id of the route that serves the session.
	 * @return the id
	 */
	String routeId();

	/**
	 * Returns the metadata of the route that serves the session.
	 * @return the metadata by key
	 */
	Map<String, Object> routeMetadata();

	/**
	 * Returns the principal of the request, if the application authenticates requests.
	 * @return the principal, or {@code null}
	 */
	@Nullable Principal principal();

	/**
	 * Returns the address that the client connects from, taken from forwarded headers if
	 * the application trusts them. It is resolved unless those headers contain a name.
	 * @return the address, or {@code null} if unknown
	 */
	@Nullable InetSocketAddress remoteAddress();

	/**
	 * Returns the address of this gateway that the client connects to.
	 * @return the address, or {@code null} if unknown
	 */
	@Nullable InetSocketAddress localAddress();

	/**
	 * Returns the TLS session of the client's leg: its id and the client's certificates.
	 * @return the TLS session, or {@code null} if the gateway does not terminate TLS
	 */
	@Nullable SslInfo tls();

	/**
	 * Returns the subprotocols that the client offers, in its order of preference.
	 * @return the names; empty if it offers none
	 */
	List<String> offeredSubprotocols();

	/**
	 * Returns the subprotocol that the upstream has selected.
	 * @return the name, or {@code null} if there is none or the upstream has not answered
	 * yet
	 */
	@Nullable String subprotocol();

	/**
	 * Returns the URI that the session is proxied to. Its path and query are those of the
	 * client, with the changes of the route's filters.
	 * @return the URI of the upstream, {@code ws} or {@code wss}; for an upgrade that was
	 * refused before the upstream was known, the URI of the route
	 */
	URI upstreamUri();

	/**
	 * Returns the headers of the upstream's response to the handshake, except for
	 * {@code Sec-WebSocket-Accept}, which only serves the handshake.
	 * @return the headers, read-only; empty until the upstream has answered
	 */
	HttpHeaders upstreamHeaders();

	/**
	 * Returns the attributes of the exchange at the time of the upgrade, without objects
	 * of the frameworks that refer to the exchange, which has ended, and without those
	 * that the other methods return.
	 * @return the attributes by name
	 */
	Map<String, Object> attributes();

	/**
	 * Returns when the upgrade request arrived.
	 * @return the time
	 */
	Instant time();

}
