package dev.wspolicy.json;

import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * JSON pointers with wildcards (RFC 6901).
 */
class PointerPatternTests {

	private static final JsonNode X = StringNode.valueOf("x");

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/a           | {"a":1,"b":2}               | {"a":"x","b":2}
			/a           | {"a":{"b":1}}               | {"a":"x"}
			/a           | {"a":null}                  | {"a":"x"}
			/a/b         | {"a":{"b":1,"c":2}}         | {"a":{"b":"x","c":2}}
			/a/1         | {"a":[1,2,3]}               | {"a":[1,"x",3]}
			/a/1         | {"a":{"1":2}}               | {"a":{"1":"x"}}
			/*/b         | [{"b":1},{"c":2},{"b":3}]   | [{"b":"x"},{"c":2},{"b":"x"}]
			/a/*         | {"a":{"b":1,"c":2}}         | {"a":{"b":"x","c":"x"}}
			/a/*/b/*     | {"a":[{"b":[1]},{"b":[]}]}  | {"a":[{"b":["x"]},{"b":[]}]}
			/a~1b        | {"a/b":1}                   | {"a/b":"x"}
			/~01         | {"~1":1}                    | {"~1":"x"}
			/            | {"":1}                      | {"":"x"}
			""")
	void replaces(String pointer, String json, String expected) {
		JsonNode tree = parse(json);
		assertThat(PointerPattern.of(pointer).replace(tree, X)).hasToString(expected);
		assertThat(tree).as("what went in").hasToString(json);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/a     | {"b":1}
			/a/b   | {"a":1}
			/a/b   | {"a":[1]}
			/a/3   | {"a":[1]}
			/a/-   | {"a":[1]}
			/a/01  | {"a":[1,2]}
			/*/a   | [1,2]
			/a     | 1
			/a/*   | {"a":[]}
			""")
	void ignoresOtherValues(String pointer, String json) {
		JsonNode tree = parse(json);
		assertThat(PointerPattern.of(pointer).replace(tree, X)).isSameAs(tree);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/a         | {}                  | {"a":"x"}
			/a         | {"a":1}             | {"a":"x"}
			/a/b       | {}                  | {"a":{"b":"x"}}
			/a/b       | {"a":"spoof"}       | {"a":{"b":"x"}}
			/a/b       | {"a":["spoof"]}     | {"a":{"b":"x"}}
			/a/b       | {"a":null}          | {"a":{"b":"x"}}
			/a/-       | {"a":[1]}           | {"a":[1,"x"]}
			/a/-/b     | {"a":[]}            | {"a":[{"b":"x"}]}
			/a/0       | {"a":[1,2]}         | {"a":["x",2]}
			/a/*/b     | {"a":[{},1]}        | {"a":[{"b":"x"},{"b":"x"}]}
			""")
	void sets(String pointer, String json, String expected) {
		JsonNode tree = parse(json);
		assertThat(PointerPattern.of(pointer).set(tree, X)).hasToString(expected);
		assertThat(tree).as("what went in").hasToString(json);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/a/7       | {"a":[1]}
			/a/*       | {"b":1}
			/a/*       | {"a":1}
			/a/-/*     | {"a":[1]}
			""")
	void doesNotCreateUnnamedElements(String pointer, String json) {
		JsonNode tree = parse(json);
		assertThat(PointerPattern.of(pointer).set(tree, X)).isSameAs(tree);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					/**/a      | {"a":1}                                    | {"a":"x"}
					/**/a      | {"b":[{"a":1},{"c":{"a":{"a":1}}}],"a":2}  | {"b":[{"a":"x"},{"c":{"a":"x"}}],"a":"x"}
					/**/0      | [[1,2],{"0":3}]                            | ["x",{"0":"x"}]
					/b/**/a    | {"a":1,"b":{"a":1,"b":[{"a":1}]}}          | {"a":1,"b":{"a":"x","b":[{"a":"x"}]}}
					/**/a/b    | {"a":{"b":1,"a":{"b":2}},"b":3}            | {"a":{"b":"x","a":{"b":"x"}},"b":3}
					/**/a/**/b | {"b":1,"a":{"c":[{"b":1}]},"c":{"a":{"b":1}}} | {"b":1,"a":{"c":[{"b":"x"}]},"c":{"a":{"b":"x"}}}
					/**/a/*    | {"c":{"a":[1,2]}}                          | {"c":{"a":["x","x"]}}
					""")
	void replacesAtAnyDepth(String pointer, String json, String expected) {
		JsonNode tree = parse(json);
		PointerPattern pattern = PointerPattern.of(pointer);
		assertThat(pattern.isAnyDepth()).isTrue();
		assertThat(pattern.replace(tree, X)).hasToString(expected);
		assertThat(tree).as("what went in").hasToString(json);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/**/a      | {"b":[{"c":1}]}
			/**/a/b    | {"a":1,"b":1}
			/**/a      | "a"
			""")
	void ignoresOtherValuesAtAnyDepth(String pointer, String json) {
		JsonNode tree = parse(json);
		assertThat(PointerPattern.of(pointer).replace(tree, X)).isSameAs(tree);
	}

	@Test
	@Timeout(20)
	void manyPartialMatchesTakeLinearTime() {
		String pointer = "/**/a".repeat(30) + "/b";
		JsonNode tree = parse("{\"a\":".repeat(490) + "1" + "}".repeat(490));
		assertThat(PointerPattern.of(pointer).replace(tree, X)).isSameAs(tree);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/**", "/a/**", "/**/**" })
	void anyDepthRequiresASubsequentSegment(String pointer) {
		assertThatIllegalArgumentException().isThrownBy(() -> PointerPattern.of(pointer))
			.withMessageContaining("after the last **");
	}

	@Test
	void sharesUnchangedNodes() {
		JsonNode tree = parse("{\"a\":{\"b\":1},\"c\":{\"d\":2}}");
		JsonNode changed = PointerPattern.of("/a/b").replace(tree, X);
		assertThat(changed.get("c")).isSameAs(tree.get("c"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "a/b", "/a~", "/a~2", "$.a" })
	void invalidPointers(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> PointerPattern.of(text))
			.withMessageStartingWith("'" + text + "' (expected: a JSON pointer");
	}

	private static JsonNode parse(String json) {
		return Objects.requireNonNull(JsonMessage.parse(json));
	}

}
