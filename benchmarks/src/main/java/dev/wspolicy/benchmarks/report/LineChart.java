package dev.wspolicy.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.benchmarks.report.Svg.Anchor;

/**
 * Lines through points, from zero up.
 */
final class LineChart {

	private static final int LEFT = 60;

	private static final int TOP = 50;

	private static final int WIDTH = 420;

	private static final int HEIGHT = 260;

	private static final int LEGEND = 190;

	private final String title;

	private final String across;

	private final List<Series> series = new ArrayList<>();

	LineChart(String title, String across) {
		this.title = title;
		this.across = across;
	}

	void add(Series series) {
		if (!series.points().isEmpty()) {
			this.series.add(series);
		}
	}

	boolean isEmpty() {
		return this.series.isEmpty();
	}

	@Override
	public String toString() {
		double maxX = max(Point::x);
		double maxY = max(Point::y) * 1.1;
		Svg svg = new Svg(LEFT + WIDTH + LEGEND, TOP + HEIGHT + 60);
		svg.text(10, 22, Anchor.START, this.title);
		svg.text(LEFT + WIDTH / 2.0, TOP + HEIGHT + 45, Anchor.MIDDLE, this.across);
		svg.line(LEFT, TOP, LEFT, TOP + HEIGHT);
		for (int step = 0; step <= 4; step++) {
			double y = TOP + HEIGHT - HEIGHT * step / 4.0;
			svg.line(LEFT, y, LEFT + WIDTH, y);
			svg.text(LEFT - 8, y + 4, Anchor.END, Figures.of(maxY * step / 4));
		}
		this.series.stream()
			.flatMap((series) -> series.points().stream())
			.mapToDouble(Point::x)
			.distinct()
			.forEach((x) -> svg.text(LEFT + WIDTH * x / maxX, TOP + HEIGHT + 20, Anchor.MIDDLE, Figures.whole(x)));
		for (int i = 0; i < this.series.size(); i++) {
			draw(svg, this.series.get(i), Svg.COLOURS[i % Svg.COLOURS.length], maxX, maxY);
			svg.bar(LEFT + WIDTH + 20, TOP + 22 * i, 12, 12, Svg.COLOURS[i % Svg.COLOURS.length]);
			svg.text(LEFT + WIDTH + 38, TOP + 22 * i + 11, Anchor.START, this.series.get(i).title());
		}
		return svg.toString();
	}

	private static void draw(Svg svg, Series series, String colour, double maxX, double maxY) {
		double lastX = 0;
		double lastY = 0;
		for (int i = 0; i < series.points().size(); i++) {
			double x = LEFT + WIDTH * series.points().get(i).x() / maxX;
			double y = TOP + HEIGHT - HEIGHT * series.points().get(i).y() / maxY;
			if (i > 0) {
				svg.line(lastX, lastY, x, y, colour, 2);
			}
			svg.dot(x, y, colour);
			lastX = x;
			lastY = y;
		}
	}

	private double max(java.util.function.ToDoubleFunction<Point> figure) {
		return this.series.stream().flatMap((series) -> series.points().stream()).mapToDouble(figure).max().orElse(1);
	}

	/**
	 * A line.
	 *
	 * @param title what it stands for
	 * @param points what it goes through
	 */
	record Series(String title, List<Point> points) {

	}

	/**
	 * A point.
	 *
	 * @param x how far to the right
	 * @param y how far up
	 */
	record Point(double x, double y) {

	}

}
