package dev.wspolicy.builtin.json;

import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ClientAddress;
import dev.wspolicy.session.ProxiedSession;

/**
 * A template of texts, in which names in braces are placeholders for properties of the
 * session.
 */
final class SessionTemplate {

	static final SessionTemplate EMPTY = new SessionTemplate(List.of());

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)(?::([^{}]+))?}");

	private final List<Function<ProxiedSession, @Nullable String>> parts;

	private SessionTemplate(List<Function<ProxiedSession, @Nullable String>> parts) {
		this.parts = List.copyOf(parts);
	}

	/**
	 * Parses a template.
	 * @param setting the name of the setting
	 * @param text the text of the template
	 * @return the template
	 * @throws IllegalArgumentException if a placeholder is unknown
	 */
	static SessionTemplate of(String setting, String text) {
		List<Function<ProxiedSession, @Nullable String>> parts = new ArrayList<>();
		Matcher matcher = PLACEHOLDER.matcher(text);
		int end = 0;
		while (matcher.find()) {
			addLiteral(setting, text, text.substring(end, matcher.start()), parts);
			parts.add(placeholder(setting, text, matcher.group(1), matcher.group(2)));
			end = matcher.end();
		}
		addLiteral(setting, text, text.substring(end), parts);
		return new SessionTemplate(parts);
	}

	private static void addLiteral(String setting, String text, String literal,
			List<Function<ProxiedSession, @Nullable String>> parts) {
		if (literal.indexOf('{') >= 0 || literal.indexOf('}') >= 0) {
			throw unknown(setting, text);
		}
		if (!literal.isEmpty()) {
			parts.add((session) -> literal);
		}
	}

	private static Function<ProxiedSession, @Nullable String> placeholder(String setting, String text, String name,
			@Nullable String argument) {
		if (argument != null) {
			return switch (name) {
				case "header" -> (session) -> session.upgrade().headers().getFirst(argument);
				case "path" -> (session) -> session.upgrade().pathVariables().get(argument);
				default -> throw unknown(setting, text);
			};
		}
		return switch (name) {
			case "principal" -> SessionTemplate::principal;
			case "address" -> SessionTemplate::address;
			case "session" -> ProxiedSession::id;
			case "route" -> (session) -> session.upgrade().routeId();
			case "subprotocol" -> (session) -> session.upgrade().subprotocol();
			default -> throw unknown(setting, text);
		};
	}

	private static IllegalArgumentException unknown(String setting, String text) {
		return new IllegalArgumentException(setting + ": '" + text + "' (expected in braces: principal, address, "
				+ "session, route, subprotocol, header:Name or path:variable)");
	}

	private static @Nullable String principal(ProxiedSession session) {
		Principal principal = session.principal();
		return (principal != null) ? principal.getName() : null;
	}

	private static @Nullable String address(ProxiedSession session) {
		return ClientAddress.host(session.upgrade().remoteAddress());
	}

	/**
	 * Renders the template for a session.
	 * @param session the session
	 * @return the text, or {@code null} if the session lacks one of the properties
	 */
	@Nullable String render(ProxiedSession session) {
		StringBuilder filled = new StringBuilder();
		for (Function<ProxiedSession, @Nullable String> part : this.parts) {
			String value = part.apply(session);
			if (value == null) {
				return null;
			}
			filled.append(value);
		}
		return filled.toString();
	}

}
