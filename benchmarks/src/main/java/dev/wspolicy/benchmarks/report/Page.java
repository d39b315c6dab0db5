package dev.wspolicy.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A page of the documentation with sections that are written by machines. Each stands
 * between two comments with its name.
 */
public final class Page {

	private final Path file;

	/**
	 * A page.
	 * @param file where it is
	 */
	public Page(Path file) {
		this.file = file;
	}

	/**
	 * Replace what stands in a section.
	 * @param section the name of the section
	 * @param text what is to stand there
	 * @throws IOException if the page cannot be read or written, or has no such section
	 */
	public void replace(String section, String text) throws IOException {
		String page = Files.readString(this.file);
		String start = "<!-- " + section + " -->\n";
		String end = "<!-- end of " + section + " -->";
		int from = page.indexOf(start);
		int to = page.indexOf(end);
		if (from < 0 || to < from) {
			throw new IOException(this.file + " has no section '" + section + "'");
		}
		Files.writeString(this.file,
				page.substring(0, from + start.length()) + "\n" + text.strip() + "\n\n" + page.substring(to));
	}

}
