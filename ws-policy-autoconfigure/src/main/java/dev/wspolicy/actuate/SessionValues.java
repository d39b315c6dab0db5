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
 * Values that may be secrets: of headers, of query parameters, of attributes. Their names
 * are always shown. The values are shown only to those who may see them, and even then
 * past the application's sanitizing functions.
 */
final class SessionValues {

	private final Sanitizer sanitizer;

	private final boolean shown;

	SessionValues(Sanitizer sanitizer, boolean shown) {
		this.sanitizer = sanitizer;
		this.shown = shown;
	}

	/** The URI without user info and fragment. */
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
			// What has no name may itself be the secret.
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
	 * Simple values as they are; of others, which may be large or in motion, the type.
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
