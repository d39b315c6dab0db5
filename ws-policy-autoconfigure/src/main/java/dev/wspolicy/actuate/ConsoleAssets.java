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
 * The files of the console, in memory. A name is looked up among theirs and never becomes
 * a path.
 */
final class ConsoleAssets {

	private static final List<String> SCRIPTS = List.of("console.js", "charts.js", "close.js", "detail.js", "dom.js",
			"filter.js", "format.js", "gateway.js", "list.js", "rates.js", "tap.js", "verdicts.js");

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

	/** The page, whose links are yet to be filled in. */
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
	 * A file.
	 *
	 * @param content what is in it
	 * @param type the type of its content
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
