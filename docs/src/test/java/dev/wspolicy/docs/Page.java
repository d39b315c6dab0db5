package dev.wspolicy.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation: in docs, or one of those in the root folder.
 *
 * @param file the file of the page
 * @param blocks its fenced blocks
 * @param prose its lines, with empty lines in place of fenced blocks
 */
record Page(Path file, List<Block> blocks, List<String> prose) {

	/** Surefire runs in the module's folder. */
	static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final String FENCE = "```";

	static Stream<Page> all() {
		try (Stream<Path> files = Files.find(ROOT.resolve("docs"), 2, (file, attributes) -> isPage(file))) {
			List<Path> docs = files.sorted().toList();
			Stream<Path> root = Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
				.map(ROOT::resolve);
			return Stream.concat(root, docs.stream()).map(Page::read).toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isPage(Path file) {
		return file.toString().endsWith(".md");
	}

	static Page of(String name) {
		return read(ROOT.resolve(name));
	}

	static Stream<Block> blocks(String language) {
		return all().flatMap((page) -> page.blocks().stream()).filter((block) -> block.language().equals(language));
	}

	static Page read(Path file) {
		try {
			return parse(file, Files.readAllLines(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Page parse(Path file, List<String> lines) {
		List<Block> blocks = new ArrayList<>();
		List<String> prose = new ArrayList<>();
		int start = -1;
		for (int i = 0; i < lines.size(); i++) {
			String line = lines.get(i);
			boolean fence = line.startsWith(FENCE);
			prose.add((fence || start >= 0) ? "" : line);
			if (fence && start < 0) {
				start = i;
			}
			else if (fence) {
				String language = lines.get(start).substring(FENCE.length()).strip();
				blocks.add(new Block(file, start + 2, language, String.join("\n", lines.subList(start + 1, i)) + "\n"));
				start = -1;
			}
		}
		if (start >= 0) {
			throw new IllegalStateException(file + ":" + (start + 1) + ": a block that does not end");
		}
		return new Page(file, List.copyOf(blocks), List.copyOf(prose));
	}

	/** Returns the lines of a section, up to the next heading of the same level. */
	List<String> section(String heading) {
		int start = this.prose.indexOf("## " + heading);
		if (start < 0) {
			throw new IllegalArgumentException(name() + " has no section '" + heading + "'");
		}
		List<String> section = this.prose.subList(start + 1, this.prose.size());
		return section.stream().takeWhile((line) -> !line.startsWith("## ")).toList();
	}

	/** Returns the code in the first column of a section's tables. */
	List<String> firstColumn(String heading) {
		return section(heading).stream()
			.filter((line) -> line.startsWith("| `"))
			.flatMap((line) -> CODE.matcher(line.substring(0, line.indexOf(" |", 2))).results())
			.map((code) -> code.group(1))
			.toList();
	}

	String name() {
		return ROOT.relativize(this.file).toString();
	}

	@Override
	public String toString() {
		return name();
	}

	/**
	 * A fenced block.
	 *
	 * @param file the page
	 * @param line the number of its first line
	 * @param language the language after the opening fence
	 * @param text the content
	 */
	record Block(Path file, int line, String language, String text) {

		@Override
		public String toString() {
			return ROOT.relativize(this.file) + ":" + this.line;
		}

	}

}
