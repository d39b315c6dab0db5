package dev.wspolicy.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.util.MimeType;

/**
 * The files of the console, held in memory. A requested name is only looked up in a map
 * and never becomes part of a path.
 */
final class ConsoleAssets {

	private static final List<String> SCRIPTS = List.of("console.js", "bars.js", "charts.js", "clipboard.js",
			"close.js", "detail.js", "dialog.js", "dom.js", "download.js", "drain.js", "endings.js", "endings-view.js",
			"events.js", "export.js", "filter.js", "fleet.js", "format.js", "frame.js", "gateway.js", "har.js",
			"list.js", "matching.js", "pipelines.js", "rates.js", "routes.js", "send.js", "sort.js", "switch.js",
			"tap.js", "verdicts.js", "views.js", "walk.js", "watch.js");

	private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

	private static final MimeType CSS = new MimeType("text", "css", StandardCharsets.UTF_8);

	private static final MimeType JAVASCRIPT = new MimeType("text", "javascript", StandardCharsets.UTF_8);

	private static final MimeType SVG = new MimeType("image", "svg+xml");

	private final String page = new String(read("console.html"), StandardCharsets.UTF_8);

	private final Map<String, Asset> assets = new LinkedHashMap<>();

	ConsoleAssets() {
		this.assets.put("console.css", new Asset(read("console.css"), CSS));
		this.assets.put("icon.svg", new Asset(read("icon.svg"), SVG));
		for (String script : SCRIPTS) {
			this.assets.put(script, new Asset(read(script), JAVASCRIPT));
		}
	}

	/** Return the page, with placeholders for the links. */
	String page() {
		return this.page;
	}

	@Nullable Asset find(String name) {
		return this.assets.get(name);
	}

	private static byte[] read(String name) {
		try {
			return new ClassPathResource("console/" + name, ConsoleAssets.class).getContentAsByteArray();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A file of the console.
	 *
	 * @param content the content of the file
	 * @param type the media type of the content
	 */
	record Asset(Resource content, MimeType type) {

		Asset(byte[] content, MimeType type) {
			this(new ByteArrayResource(content), type);
		}

		static Asset html(byte[] content) {
			return new Asset(content, HTML);
		}

		WebEndpointResponse<Resource> response() {
			return new WebEndpointResponse<>(this.content, this.type);
		}

	}

}
