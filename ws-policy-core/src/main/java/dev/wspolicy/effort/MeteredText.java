package dev.wspolicy.effort;

/**
 * A text that reports each access to a character, so that a regular expression that
 * backtracks excessively is stopped.
 */
public final class MeteredText implements CharSequence {

	private final String text;

	private final Effort effort;

	private final int steps;

	/**
	 * Creates a text.
	 * @param text the text
	 * @param effort limits the number of accesses
	 * @param steps the number of steps to report per character
	 */
	public MeteredText(String text, Effort effort, int steps) {
		this.text = text;
		this.effort = effort;
		this.steps = steps;
	}

	@Override
	public int length() {
		return this.text.length();
	}

	@Override
	public char charAt(int index) {
		this.effort.spend(this.steps);
		return this.text.charAt(index);
	}

	@Override
	public CharSequence subSequence(int start, int end) {
		return this.text.substring(start, end);
	}

	@Override
	public String toString() {
		return this.text;
	}

}
