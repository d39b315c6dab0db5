package dev.wspolicy.proving.worst;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the messages of a search consist of.
 *
 * @param prefix how each message begins
 * @param separator what stands between two parts
 * @param suffix how each message ends
 * @param constructs what parts may be
 * @param wrapper what is done with the text at the end
 */
record Grammar(String prefix, String separator, String suffix, List<Construct> constructs,
		UnaryOperator<String> wrapper) {

	private static final String[] COLLIDING = { "AaAa", "BBBB", "AaBB", "BBAa" };

	static final Grammar TEXT = new Grammar("", "", "",
			List.of(repeat("letters", "a"), repeat("spaces", " "), repeat("digits", "4"),
					repeat("almost a card", "4111 1111 1111 11"), repeat("cards", "4111 1111 1111 1111 "),
					repeat("almost words", "drop tabl "), repeat("words", "drop table "),
					repeat("emoji", "\ud83d\ude00"), repeat("accents", "\u00e9"), repeat("at signs", "a@"),
					repeat("mail", "a@b.c "), repeat("NUL", "\u0001")),
			UnaryOperator.identity());

	static final Grammar JSON = new Grammar(
			"[", ",", "]", List.of(
					new Construct("nested arrays", 2, (part, n) -> "[".repeat(min(n, 480))
							+ "]".repeat(min(n, 480))),
					new Construct("nested objects", 6,
							(part, n) -> "{\"a\":".repeat(min(n, 480)) + "1" + "}".repeat(min(n, 480))),
					new Construct("members with colliding names", 24,
							(part, n) -> "{" + join(n, (i) -> "\"" + colliding(i) + "\":1") + "}"),
					new Construct("members", 10, (part, n) -> "{" + join(n, (i) -> "\"m" + i + "\":\"\"") + "}"),
					new Construct("redacted members", 20,
							(part, n) -> "[" + join(n, (i) -> "{\"email\":\"a@b.c\"}") + "]"),
					new Construct("elements", 3, (part, n) -> join(n, (i) -> "{}")),
					new Construct("empty objects", 3, (part, n) -> "[" + join(n, (i) -> "{}") + "]"),
					new Construct("strings", 3, (part, n) -> "[" + join(n, (i) -> "\"\"") + "]"),
					new Construct("distinct strings", 8, (part, n) -> "[" + join(n, (i) -> "\"s" + i + "\"") + "]"),
					new Construct("colliding strings", 22,
							(part, n) -> "[" + join(n, (i) -> "\"" + colliding(i) + "\"") + "]"),
					new Construct("numbers", 2, (part, n) -> "[" + join(n, (i) -> "1") + "]"),
					new Construct("distinct numbers", 7, (part, n) -> "[" + join(n, (i) -> i + ".5") + "]"),
					new Construct("long number", 1, (part, n) -> "1" + "7".repeat(min(n, 990))),
					new Construct("exponents", 6, (part, n) -> "[" + join(n, (i) -> "1e308") + "]"),
					new Construct("long string", 1, (part, n) -> "\"" + "a".repeat(n) + "\""),
					new Construct("escapes", 6, (part, n) -> "\"" + "\\u0061".repeat(n) + "\""),
					new Construct("cards", 20, (part, n) -> "\"" + "4111 1111 1111 1111 ".repeat(n) + "\""),
					new Construct("almost cards", 18, (part, n) -> "\"" + "4111 1111 1111 11 ".repeat(n) + "\"")),
			UnaryOperator.identity());

	static final Grammar STOMP = new Grammar("", "", "", List.of(repeat("heartbeats", "\n"),
			repeat("ACK", "ACK\nid:1\n\n\0"), repeat("BEGIN", "BEGIN\n\n\0"),
			repeat("SEND", "SEND\ndestination:/app/rooms/a\n\n\0"),
			new Construct("headers", 6, (part, n) -> "ACK\n"
					+ IntStream.range(0, n).mapToObj((i) -> "h" + i + ":v\n").collect(Collectors.joining()) + "\n\0"),
			new Construct("escapes", 2, (part, n) -> "ACK\nid:" + "\\n".repeat(n) + "\n\n\0"),
			new Construct("deep destination", 2, (part, n) -> "SEND\ndestination:/app" + "/a".repeat(n) + "\n\n\0"),
			new Construct("long destination", 1,
					(part, n) -> "SEND\ndestination:/app/rooms/" + "a".repeat(n) + "\n\n\0"),
			new Construct("body", 1, (part, n) -> "SEND\ndestination:/app/rooms/a\n\n" + "a".repeat(n) + "\0")),
			UnaryOperator.identity());

	static final Grammar SOCK_JS = new Grammar("[", ",", "]",
			List.of(new Construct("heartbeats", 5, (part, n) -> join(n, (i) -> "\"\\n\"")),
					new Construct("empty strings", 3, (part, n) -> join(n, (i) -> "\"\"")),
					new Construct("heartbeats in one string", 2, (part, n) -> "\"" + "\\n".repeat(n) + "\""),
					new Construct("ACK", 24, (part, n) -> join(n, (i) -> "\"ACK\\nid:1\\n\\n\\u0000\""))),
			UnaryOperator.identity());

	static final Grammar GRAPHQL = new Grammar("query q { ", " ", " }",
			List.of(repeat("fields", "a "), repeat("aliases", "b: a "), repeat("arguments", "a(b:1) "),
					repeat("directives", "a @b "), repeat("commas", ","), repeat("comment", "#\n"),
					repeat("spreads", "...f "), repeat("inline fragments", "... on T { a } "),
					new Construct("nested fields", 6,
							(part, n) -> "a { ".repeat(min(n, 90)) + "a" + " }".repeat(min(n, 90))),
					new Construct("nested lists", 2,
							(part, n) -> "a(b: " + "[".repeat(min(n, 90)) + "]".repeat(min(n, 90)) + ")"),
					new Construct("nested objects", 5,
							(part, n) -> "a(b: " + "{c: ".repeat(min(n, 90)) + "1" + "}".repeat(min(n, 90)) + ")"),
					new Construct("string", 1, (part, n) -> "a(b: \"" + "x".repeat(n) + "\")"),
					new Construct("escapes", 6, (part, n) -> "a(b: \"" + "\\u0061".repeat(n) + "\")"),
					new Construct("block string", 2, (part, n) -> "a(b: \"\"\"" + " \n".repeat(n) + "\"\"\")"),
					new Construct("digits", 1, (part, n) -> "a(b: " + "7".repeat(min(n, 990))
							+ ")"),
					new Construct("fragments that use each other", 24,
							(part, n) -> "...f0 } " + IntStream.range(0, n)
								.mapToObj(
										(i) -> "fragment f" + i + " on T { ...f" + (i + 1) + " ...f" + (i + 1) + " } ")
								.collect(Collectors.joining()) + "fragment f" + n + " on T { a")),
			Grammar::subscribe);

	/** Returns a construct that repeats a text. */
	private static Construct repeat(String name, String text) {
		return new Construct(name, text.length(), (part, n) -> text.repeat(n));
	}

	private static int min(int repetitions, int most) {
		return Math.min(repetitions, most);
	}

	private static String join(int n, IntFunction<String> element) {
		return IntStream.range(0, n).mapToObj(element).collect(Collectors.joining(","));
	}

	/** Returns distinct names with the same hash code. */
	private static String colliding(int i) {
		StringBuilder name = new StringBuilder();
		for (int digit = 0; digit < 8; digit++) {
			name.append(((i >> digit & 1) != 0) ? "Aa" : "BB");
		}
		return name.append(COLLIDING[i >> 8 & 3])
			.append(COLLIDING[i >> 10 & 3])
			.append(COLLIDING[i >> 12 & 3])
			.toString();
	}

	private static String subscribe(String query) {
		String escaped = query.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
		return "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"" + escaped + "\"}}";
	}

	String wrap(String text) {
		return this.wrapper.apply(text);
	}

	/**
	 * A part that is valid by itself.
	 *
	 * @param name what it is
	 * @param roughLength the length of what is repeated
	 * @param maker makes the text from the index of the part and the number of
	 * repetitions
	 */
	record Construct(String name, int roughLength, Maker maker) {

		String make(int part, int repetitions) {
			return this.maker.make(part, repetitions);
		}

	}

	@FunctionalInterface
	interface Maker {

		String make(int part, int repetitions);

	}

}
