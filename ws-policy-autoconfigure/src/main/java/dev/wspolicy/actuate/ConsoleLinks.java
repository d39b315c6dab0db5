package dev.wspolicy.actuate;

import java.util.List;
import java.util.Objects;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.util.StringUtils;
import org.springframework.web.util.HtmlUtils;

/**
 * Creates the links from the console to the endpoints. They are relative to the page, so
 * that they work behind any port, base path and proxy.
 */
final class ConsoleLinks {

	private static final List<EndpointId> LINKED = List.of(WebSocketConsoleEndpoint.ID, EndpointId.of("websockets"),
			EndpointId.of("websockettap"), EndpointId.of("metrics"), EndpointId.of("websocketpipelines"));

	private final PathMappedEndpoints endpoints;

	ConsoleLinks(PathMappedEndpoints endpoints) {
		this.endpoints = endpoints;
	}

	/** Replace each placeholder <code>{{id}}</code> with the link to that endpoint. */
	String fillIn(String page) {
		String filled = page;
		for (EndpointId id : LINKED) {
			filled = filled.replace("{{" + id + "}}", HtmlUtils.htmlEscape(to(id)));
		}
		return filled;
	}

	/** An endpoint that is not exposed is linked at its default path. */
	private String to(EndpointId id) {
		int depth = StringUtils.countOccurrencesOf(rootPath(WebSocketConsoleEndpoint.ID), "/");
		return "./" + "../".repeat(depth) + rootPath(id);
	}

	private String rootPath(EndpointId id) {
		return Objects.requireNonNullElse(this.endpoints.getRootPath(id), id.toString());
	}

}
