package dev.wspolicy.autoconfigure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of the 'websockets' endpoint.
 */
@ConfigurationProperties("management.endpoint.websockets")
public class WebSocketsEndpointProperties {

	/**
	 * When to show values of headers, query parameters and session attributes.
	 */
	private Show showValues = Show.NEVER;

	/**
	 * Roles used to determine whether a user is authorized to see values. When empty, all
	 * authenticated users are authorized.
	 */
	private final Set<String> roles = new HashSet<>();

	/**
	 * Patterns of subprotocols to show even if values are not shown. Well-known
	 * subprotocols are always shown.
	 */
	private final List<String> subprotocols = new ArrayList<>();

	public Show getShowValues() {
		return this.showValues;
	}

	public void setShowValues(Show showValues) {
		this.showValues = showValues;
	}

	public Set<String> getRoles() {
		return this.roles;
	}

	public List<String> getSubprotocols() {
		return this.subprotocols;
	}

}
