package dev.wspolicy.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Header fields as they were sent: in order, with repetitions, names in their own case
 * and compared without it.
 *
 * @param fields names and values
 */
public record RawHeaders(List<Map.Entry<String, String>> fields) {

	public RawHeaders {
		fields = List.copyOf(fields);
	}

	public @Nullable String first(String name) {
		List<String> values = all(name);
		return values.isEmpty() ? null : values.get(0);
	}

	public List<String> all(String name) {
		return this.fields.stream()
			.filter((field) -> field.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.toList();
	}

	public boolean contains(String name) {
		return !all(name).isEmpty();
	}

	/**
	 * Whether one of the field's comma-separated values is this one, case aside.
	 */
	boolean hasToken(String name, String token) {
		return all(name).stream()
			.flatMap((value) -> List.of(value.split(",")).stream())
			.anyMatch((value) -> value.trim().equalsIgnoreCase(token));
	}

	/**
	 * The fields as they stand in a message head, each line ended.
	 */
	@Override
	public String toString() {
		return this.fields.stream()
			.map((field) -> field.getKey() + ": " + field.getValue() + "\r\n")
			.collect(Collectors.joining());
	}

	static RawHeaders parse(List<String> lines) throws IOException {
		List<Map.Entry<String, String>> fields = new ArrayList<>();
		for (String line : lines) {
			int colon = line.indexOf(':');
			if (colon < 1) {
				throw new IOException("Not a header field: '" + line + "'");
			}
			fields.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).trim()));
		}
		return new RawHeaders(fields);
	}

}
