package dev.wspolicy.benchmarks.report;

import java.util.Locale;

/**
 * A drawing. Its colours can be read on white and on black.
 */
final class Svg {

	static final String[] COLOURS = { "#8c8c8c", "#2f7ed8", "#3aa655", "#e08a1e", "#b04ac0", "#d9534f", "#12a4a4",
			"#a67c52" };

	private static final String INK = "#7d8590";

	private final StringBuilder content = new StringBuilder();

	private final int width;

	private final int height;

	Svg(int width, int height) {
		this.width = width;
		this.height = height;
	}

	void bar(double x, double y, double width, double height, String colour) {
		this.content.append("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n".formatted(x, y,
				width, height, colour));
	}

	void line(double fromX, double fromY, double toX, double toY) {
		line(fromX, fromY, toX, toY, INK, 1);
	}

	void line(double fromX, double fromY, double toX, double toY, String colour, int thickness) {
		this.content
			.append("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%d\"/>\n"
				.formatted(fromX, fromY, toX, toY, colour, thickness));
	}

	void dot(double x, double y, String colour) {
		this.content.append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n".formatted(x, y, colour));
	}

	void text(double x, double y, Anchor anchor, String text) {
		String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
		this.content.append("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n".formatted(x, y,
				anchor.name().toLowerCase(Locale.ROOT), INK, escaped));
	}

	@Override
	public String toString() {
		return ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
				+ "font-family=\"sans-serif\" font-size=\"13\">\n%s</svg>\n")
			.formatted(this.width, this.height, this.content);
	}

	/**
	 * Which end of a text stands at its place.
	 */
	enum Anchor {

		/**
		 * The left one.
		 */
		START,

		/**
		 * Neither.
		 */
		MIDDLE,

		/**
		 * The right one.
		 */
		END

	}

}
