package dev.wspolicy.test;

/**
 * Keeps text from a recording, which anybody may have sent, in its line of a report.
 */
final class Escapes {

	private Escapes() {
	}

	/** Escapes characters that a terminal would not show as they are. */
	static String of(String text) {
		StringBuilder escaped = new StringBuilder(text.length());
		text.chars().forEach((character) -> {
			switch (character) {
				case '\n' -> escaped.append("\\n");
				case '\r' -> escaped.append("\\r");
				case '\t' -> escaped.append("\\t");
				default -> {
					if (isShown(character)) {
						escaped.append((char) character);
					}
					else {
						escaped.append(String.format("\\u%04x", character));
					}
				}
			}
		});
		return escaped.toString();
	}

	private static boolean isShown(int character) {
		return switch (Character.getType(character)) {
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
			default -> true;
		};
	}

}
