package dev.wspolicy.actuate;

import java.util.List;
import java.util.Objects;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.util.StringUtils;
import org.springframework.web.util.HtmlUtils;

/**
 * Where the console finds the endpoints. All links are relative to the page, so they hold
 * behind any port, base path and proxy.
 */
final class ConsoleLinks {

	private static final List<EndpointId> LINKED = List.of(WebSocketConsoleEndpoint.ID, EndpointId.of("websockets"),
			EndpointId.of("websockettap"), EndpointId.of("metrics"));

	private final PathMappedEndpoints endpoints;

	ConsoleLinks(PathMappedEndpoints endpoints) {
		this.endpoints = endpoints;
	}

	/** Puts a link in place of each <code>{{id}}</code>. */
	String fillIn(String page) {
		String filled = page;
		for (EndpointId id : LINKED) {
			filled = filled.replace("{{" + id + "}}", HtmlUtils.htmlEscape(to(id)));
		}
		return filled;
	}

	/** An endpoint that is not exposed is looked for where it would be by default. */
	private String to(EndpointId id) {
		int depth = StringUtils.countOccurrencesOf(rootPath(WebSocketConsoleEndpoint.ID), "/");
		return "./" + "../".repeat(depth) + rootPath(id);
	}

	private String rootPath(EndpointId id) {
		return Objects.requireNonNullElse(this.endpoints.getRootPath(id), id.toString());
	}

}
