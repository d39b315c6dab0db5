package dev.wspolicy.actuate;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.http.HttpHeaders;

/**
 * Sanitizes values that may be secrets: values of headers, query parameters and
 * attributes, and subprotocols, which browser clients use to send tokens because they
 * cannot set other headers. Names are always shown. Values are shown to authorized users
 * only, and always pass through the application's sanitizing functions.
 */
final class SessionValues {

	private final Sanitizer sanitizer;

	private final KnownSubprotocols subprotocols;

	private final boolean shown;

	SessionValues(Sanitizer sanitizer, KnownSubprotocols subprotocols, boolean shown) {
		this.sanitizer = sanitizer;
		this.subprotocols = subprotocols;
		this.shown = shown;
	}

	/** Return the subprotocol if it is known or values are shown; sanitized otherwise. */
	@Nullable String subprotocol(@Nullable String subprotocol) {
		if (subprotocol == null) {
			return null;
		}
		boolean shown = this.shown || this.subprotocols.contains(subprotocol);
		Object value = this.sanitizer.sanitize(new SanitizableData(null, "Sec-WebSocket-Protocol", subprotocol), shown);
		return (value != null) ? value.toString() : null;
	}

	/** Return the reason of a close, which may quote a payload. */
	@Nullable String reason(String reason) {
		Object value = sanitized("reason", reason);
		return (value != null) ? value.toString() : null;
	}

	/** Return the URI without user info and fragment. */
	String uri(URI uri) {
		StringBuilder text = new StringBuilder();
		if (uri.getScheme() != null) {
			text.append(uri.getScheme()).append(':');
		}
		String authority = uri.getRawAuthority();
		if (authority != null) {
			text.append("//").append(authority.substring(authority.lastIndexOf('@') + 1));
		}
		if (uri.getRawPath() != null) {
			text.append(uri.getRawPath());
		}
		if (uri.getRawQuery() != null) {
			text.append('?').append(query(uri.getRawQuery()));
		}
		return text.toString();
	}

	private String query(String query) {
		List<String> parameters = new ArrayList<>();
		for (String parameter : query.split("&", -1)) {
			int equals = parameter.indexOf('=');
			// A parameter without a name may itself be a secret.
			String name = (equals < 0) ? "" : parameter.substring(0, equals + 1);
			String value = parameter.substring(equals + 1);
			String key = (equals < 0) ? parameter : parameter.substring(0, equals);
			parameters.add(value.isEmpty() ? name : name + sanitized(key, value));
		}
		return String.join("&", parameters);
	}

	Map<String, List<Object>> headers(HttpHeaders headers) {
		Map<String, List<Object>> shown = new LinkedHashMap<>();
		headers.forEach((name, values) -> shown.put(name,
				values.stream().map((value) -> (Object) String.valueOf(sanitized(name, value))).toList()));
		return shown;
	}

	/**
	 * Return the values of simple types; the values of other types, which may be large or
	 * mutable, are replaced by the name of their class.
	 */
	Map<String, Object> attributes(Map<String, Object> attributes) {
		Map<String, Object> shown = new TreeMap<>();
		attributes.forEach((name, value) -> {
			Object simple = BeanUtils.isSimpleValueType(value.getClass()) ? value : value.getClass().getName();
			Object sanitized = sanitized(name, simple);
			if (sanitized != null) {
				shown.put(name, sanitized);
			}
		});
		return shown;
	}

	private @Nullable Object sanitized(String key, Object value) {
		return this.sanitizer.sanitize(new SanitizableData(null, key, value), this.shown);
	}

}
