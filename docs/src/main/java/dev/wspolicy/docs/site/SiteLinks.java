package dev.wspolicy.docs.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.jspecify.annotations.Nullable;

/**
 * Makes the links between pages those of the site, and collects the broken ones. Links to
 * files that are not part of the site, such as sources, become plain text.
 */
final class SiteLinks {

	private final Map<Path, SitePage> pages;

	private final Path docs;

	private final List<String> broken = new ArrayList<>();

	SiteLinks(Map<Path, SitePage> pages, Path docs) {
		this.pages = pages;
		this.docs = docs;
	}

	List<String> broken() {
		return this.broken;
	}

	void resolve(SitePage page) {
		List<Link> links = new ArrayList<>();
		page.document().accept(new AbstractVisitor() {

			@Override
			public void visit(Link link) {
				links.add(link);
			}

		});
		links.forEach((link) -> resolve(page, link));
	}

	private void resolve(SitePage page, Link link) {
		String destination = link.getDestination();
		if (destination.contains("://")) {
			return;
		}
		int hash = destination.indexOf('#');
		String path = (hash < 0) ? destination : destination.substring(0, hash);
		String anchor = (hash < 0) ? null : destination.substring(hash + 1);
		Path file = path.isEmpty() ? page.file() : page.file().resolveSibling(path).normalize();
		SitePage target = this.pages.get(file);
		if (!Files.exists(file) || (target != null && !has(target, anchor))) {
			this.broken.add(page.target() + ": " + destination);
		}
		else if (target != null) {
			link.setDestination(
					(path.isEmpty() ? "" : page.relative(target.target())) + ((anchor != null) ? "#" + anchor : ""));
		}
		else if (file.startsWith(this.docs) && Files.isRegularFile(file)) {
			link.setDestination(page.relative(this.docs.relativize(file)));
		}
		else {
			unlink(link);
		}
	}

	private static boolean has(SitePage page, @Nullable String anchor) {
		return anchor == null || page.anchors().containsValue(anchor);
	}

	private static void unlink(Link link) {
		for (Node child = link.getFirstChild(); child != null; child = link.getFirstChild()) {
			link.insertBefore(child);
		}
		link.unlink();
	}

}
