package dev.wspolicy.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A table in Markdown that can be read without a renderer.
 */
final class Table {

	private final List<String> header;

	private final int names;

	private final List<List<String>> rows = new ArrayList<>();

	Table(List<String> header) {
		this(header, 1);
	}

	/**
	 * A table.
	 * @param header the header
	 * @param names how many columns have names in them, and no numbers
	 */
	Table(List<String> header, int names) {
		this.header = List.copyOf(header);
		this.names = names;
	}

	void add(List<String> row) {
		if (row.size() != this.header.size()) {
			throw new IllegalArgumentException("row: " + row.size() + " cells (expected: " + this.header.size() + ")");
		}
		this.rows.add(List.copyOf(row));
	}

	boolean isEmpty() {
		return this.rows.isEmpty();
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		append(text, this.header);
		for (int column = 0; column < this.header.size(); column++) {
			int dashes = width(column);
			text.append((column == 0) ? "| " : " | ");
			text.append((column < this.names) ? "-".repeat(dashes) : "-".repeat(dashes - 1) + ":");
		}
		text.append(" |\n");
		this.rows.forEach((row) -> append(text, row));
		return text.toString();
	}

	private void append(StringBuilder text, List<String> row) {
		for (int column = 0; column < row.size(); column++) {
			String cell = row.get(column);
			String space = " ".repeat(width(column) - cell.length());
			text.append((column == 0) ? "| " : " | ");
			text.append((column < this.names) ? cell + space : space + cell);
		}
		text.append(" |\n");
	}

	private int width(int column) {
		int width = Math.max(3, this.header.get(column).length());
		for (List<String> row : this.rows) {
			width = Math.max(width, row.get(column).length());
		}
		return width;
	}

}
