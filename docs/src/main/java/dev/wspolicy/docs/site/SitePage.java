package dev.wspolicy.docs.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.AttributeProvider;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A page of the site.
 *
 * @param file the file that it is made of
 * @param target its path in the site
 * @param document the parsed file
 * @param anchors the headings, with their ids
 */
record SitePage(Path file, Path target, Node document, Map<Node, String> anchors) {

	private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

	private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

	private static final String TEMPLATE = """
			<!DOCTYPE html>
			<html lang="en">
			<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width, initial-scale=1">
			<title>%s</title>
			<link rel="stylesheet" href="%s">
			</head>
			<body>
			<nav>
			%s</nav>
			<main>
			%s</main>
			</body>
			</html>
			""";

	static SitePage read(Path file, Path target) throws IOException {
		Node document = PARSER.parse(Files.readString(file));
		Map<Node, String> anchors = new LinkedHashMap<>();
		document.accept(new AbstractVisitor() {

			@Override
			public void visit(Heading heading) {
				anchors.put(heading, anchor(text(heading)));
			}

		});
		return new SitePage(file, target, document, anchors);
	}

	/** Returns the text of a node without its markup. */
	static String text(Node node) {
		StringBuilder text = new StringBuilder();
		node.accept(new AbstractVisitor() {

			@Override
			public void visit(Text part) {
				text.append(part.getLiteral());
			}

			@Override
			public void visit(Code part) {
				text.append(part.getLiteral());
			}

		});
		return text.toString();
	}

	/** Returns the anchor that GitHub generates for a heading. */
	static String anchor(String heading) {
		return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
	}

	/** Returns the way from this page to a file of the site. */
	String relative(Path path) {
		Path folder = this.target.getParent();
		Path relative = (folder != null) ? folder.relativize(path) : path;
		return relative.toString().replace('\\', '/');
	}

	String html(Contents contents) {
		HtmlRenderer renderer = HtmlRenderer.builder()
			.extensions(EXTENSIONS)
			.attributeProviderFactory((context) -> ids())
			.build();
		return TEMPLATE.formatted(Contents.escape(title()), relative(Path.of("site.css")), contents.html(this),
				renderer.render(this.document));
	}

	private AttributeProvider ids() {
		return (node, tag, attributes) -> {
			String id = this.anchors.get(node);
			if (id != null) {
				attributes.put("id", id);
			}
		};
	}

	private String title() {
		return this.anchors.keySet().stream().findFirst().map(SitePage::text).orElse("");
	}

}
