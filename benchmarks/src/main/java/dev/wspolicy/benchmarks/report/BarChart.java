package dev.wspolicy.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

import dev.wspolicy.benchmarks.report.Svg.Anchor;

/**
 * Groups of bars, from left to right.
 */
final class BarChart {

	private static final int LEFT = 190;

	private static final int BARS = 480;

	private static final int RIGHT = 70;

	private static final int TOP = 40;

	private static final int BAR = 16;

	private static final int GAP = 36;

	private final String title;

	private final List<Group> groups = new ArrayList<>();

	BarChart(String title) {
		this.title = title;
	}

	void add(Group group) {
		this.groups.add(group);
	}

	@Override
	public String toString() {
		int bars = this.groups.stream().mapToInt((group) -> group.bars().size()).sum();
		int height = TOP + bars * (BAR + 4) + this.groups.size() * GAP;
		double longest = this.groups.stream()
			.flatMap((group) -> group.bars().stream())
			.mapToDouble(Bar::value)
			.max()
			.orElse(1);
		Svg svg = new Svg(LEFT + BARS + RIGHT, height);
		svg.text(10, 22, Anchor.START, this.title);
		double y = TOP;
		for (Group group : this.groups) {
			svg.text(10, y + 14, Anchor.START, group.title());
			y += 22;
			for (Bar bar : group.bars()) {
				double width = BARS * bar.value() / longest;
				svg.text(LEFT - 8, y + 13, Anchor.END, bar.title());
				svg.bar(LEFT, y, width, BAR, Svg.COLOURS[bar.colour() % Svg.COLOURS.length]);
				svg.text(LEFT + width + 6, y + 13, Anchor.START, Figures.of(bar.value()));
				y += BAR + 4;
			}
			y += GAP - 22;
		}
		return svg.toString();
	}

	/**
	 * Bars that belong together.
	 *
	 * @param title what they have in common
	 * @param bars the bars
	 */
	record Group(String title, List<Bar> bars) {

	}

	/**
	 * A bar.
	 *
	 * @param title what it stands for
	 * @param value how long it is
	 * @param colour which colour it has
	 */
	record Bar(String title, double value, int colour) {

	}

}
