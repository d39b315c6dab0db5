package dev.wspolicy.docs.site;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.jspecify.annotations.Nullable;

/**
 * The table of contents: the lists of the page index.
 *
 * @param entries the headings and the pages, in order
 */
record Contents(List<Entry> entries) {

	static Contents of(SitePage index) {
		List<Entry> entries = new ArrayList<>();
		entries.add(new Entry(index.anchors().keySet().stream().findFirst().map(SitePage::text).orElse("Contents"),
				index.target()));
		index.document().accept(new AbstractVisitor() {

			@Override
			public void visit(Heading heading) {
				if (heading.getLevel() == 2) {
					entries.add(new Entry(SitePage.text(heading), null));
				}
			}

			@Override
			public void visit(ListItem item) {
				firstLink(item, (link) -> {
					Path file = Path.of("docs").resolve(SiteGenerator.html(link.getDestination())).normalize();
					Path target = file.startsWith("docs") ? Path.of("docs").relativize(file) : file;
					entries.add(new Entry(SitePage.text(link), target));
				});
			}

		});
		return new Contents(List.copyOf(entries));
	}

	private static void firstLink(ListItem item, Consumer<Link> consumer) {
		item.accept(new AbstractVisitor() {

			private boolean found;

			@Override
			public void visit(Link link) {
				if (!this.found) {
					this.found = true;
					consumer.accept(link);
				}
			}

		});
	}

	String html(SitePage page) {
		StringBuilder html = new StringBuilder();
		for (Entry entry : this.entries) {
			Path target = entry.target();
			if (target == null) {
				html.append("<h2>").append(escape(entry.label())).append("</h2>\n");
			}
			else {
				String current = target.equals(page.target()) ? " aria-current=\"page\"" : "";
				html.append("<a href=\"")
					.append(page.relative(target))
					.append("\"")
					.append(current)
					.append(">")
					.append(escape(entry.label()))
					.append("</a>\n");
			}
		}
		return html.toString();
	}

	static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
	}

	/**
	 * A heading or a page.
	 *
	 * @param label the text
	 * @param target the path in the site, {@code null} for a heading
	 */
	record Entry(String label, @Nullable Path target) {

	}

}
