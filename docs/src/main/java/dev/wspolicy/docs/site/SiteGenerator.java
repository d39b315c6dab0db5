package dev.wspolicy.docs.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the pages as HTML, with the table of contents beside each. A link that leads
 * nowhere is an error.
 */
public final class SiteGenerator {

	private static final List<String> ASSETS = List.of(".svg", ".json");

	private final Path root;

	private final Path docs;

	private SiteGenerator(Path root) {
		this.root = root.toAbsolutePath().normalize();
		this.docs = this.root.resolve("docs");
	}

	/**
	 * Generates the site.
	 * @param arguments the root of the repository, and the folder of the site
	 * @throws IOException if a file cannot be read or written
	 */
	public static void main(String[] arguments) throws IOException {
		Path site = Path.of(arguments[1]);
		int pages = generate(Path.of(arguments[0]), site);
		System.out.println(pages + " pages in " + site.resolve("index.html"));
	}

	/**
	 * Generates the site.
	 * @param root the root of the repository
	 * @param site the folder of the site
	 * @return the number of pages
	 * @throws IOException if a file cannot be read or written
	 * @throws IllegalStateException if links lead nowhere; the message lists them
	 */
	public static int generate(Path root, Path site) throws IOException {
		return new SiteGenerator(root).write(site);
	}

	private int write(Path site) throws IOException {
		Map<Path, SitePage> pages = new TreeMap<>();
		for (Path file : files()) {
			String name = file.getFileName().toString();
			if (name.endsWith(".md")) {
				pages.put(file, SitePage.read(file, target(file)));
			}
			else {
				copy(file, site.resolve(this.docs.relativize(file)));
			}
		}
		SitePage index = Objects.requireNonNull(pages.get(this.docs.resolve("index.md")), "docs/index.md");
		Contents contents = Contents.of(index);
		SiteLinks links = new SiteLinks(pages, this.docs);
		pages.values().forEach(links::resolve);
		if (!links.broken().isEmpty()) {
			throw new IllegalStateException("Broken links:\n" + String.join("\n", links.broken()));
		}
		for (SitePage page : pages.values()) {
			Path file = site.resolve(page.target());
			Files.createDirectories(file.getParent());
			Files.writeString(file, page.html(contents));
		}
		try (InputStream style = Objects.requireNonNull(SiteGenerator.class.getResourceAsStream("site.css"))) {
			Files.copy(style, site.resolve("site.css"), StandardCopyOption.REPLACE_EXISTING);
		}
		return pages.size();
	}

	private List<Path> files() throws IOException {
		List<Path> files = new ArrayList<>();
		try (Stream<Path> found = Files.list(this.root)) {
			found.filter((file) -> file.toString().endsWith(".md")).sorted().forEach(files::add);
		}
		try (Stream<Path> found = Files.walk(this.docs)) {
			found.filter((file) -> !isBuild(file) && isPublished(file.toString())).sorted().forEach(files::add);
		}
		return files;
	}

	private boolean isBuild(Path file) {
		Path path = this.docs.relativize(file);
		return path.startsWith("src") || path.startsWith("target");
	}

	private static boolean isPublished(String file) {
		return file.endsWith(".md") || ASSETS.stream().anyMatch(file::endsWith);
	}

	/** The pages of the root move next to those of the folder docs. */
	private Path target(Path file) {
		Path path = file.startsWith(this.docs) ? this.docs.relativize(file) : file.getFileName();
		return path.resolveSibling(html(path.getFileName().toString()));
	}

	/**
	 * Returns the name or path of a page in the site. There is a page named security
	 * already, and not all file systems tell it from SECURITY.
	 */
	static String html(String page) {
		return page.replace("SECURITY.md", "security-policy.md").replace(".md", ".html");
	}

	private static void copy(Path file, Path target) throws IOException {
		Files.createDirectories(target.getParent());
		Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
	}

}
