package dev.wspolicy.docs;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.springframework.util.ClassUtils;

/**
 * The page with all properties, made from the metadata of this build.
 */
final class PropertiesPage {

	static final String NAME = "docs/configuration-properties.md";

	private static final String PIPELINE = "ws-policy.pipelines.*.";

	private static final Pattern POLICY = Pattern.compile("ws-policy\\.pipelines\\.\\*\\.(\\w+)\\[\\*]\\.([a-z-]+).*");

	private static final Pattern FILTER = Pattern.compile(
			".*filter\\.(ws-policy|ws-policy-routing|web-socket-upgrade|incoming-upgrade|upgrade-observation)\\.enabled");

	private static final String HEAD = """
			# Configuration properties

			All properties of ws-policy, as in the [metadata](completion.md) that editors read. [Configuration](configuration.md)
			explains pipelines, inheritance and lists. A test of the build generates this page.
			""";

	private final StringBuilder text = new StringBuilder(HEAD);

	private PropertiesPage() {
	}

	static String text() {
		return new PropertiesPage().write();
	}

	private String write() {
		section("Gateway", "", (name) -> name.startsWith("ws-policy.") && !name.startsWith("ws-policy.pipelines"));
		this.text.append("\n## Pipelines\n\nBelow `ws-policy.pipelines.<name>`.\n");
		table(PIPELINE, (name) -> name.startsWith(PIPELINE) && !name.contains("[*]"));
		policies("Policies on upgrades", "List them below `ws-policy.pipelines.<name>.upgrade`.", "upgrade");
		policies("Policies on frames",
				"List them below `ws-policy.pipelines.<name>.inbound` or `ws-policy.pipelines.<name>.outbound`.",
				"inbound");
		section("Actuator", "", (name) -> name.startsWith("management.endpoint.websocket")
				|| name.startsWith("management.health.ws-policy."));
		section("Filters", "", (name) -> FILTER.matcher(name).matches());
		return this.text.toString();
	}

	private void policies(String heading, String explanation, String list) {
		this.text.append("\n## ").append(heading).append("\n\n").append(explanation).append("\n");
		Set<String> names = new TreeSet<>();
		for (String name : Metadata.groups().keySet()) {
			Matcher policy = POLICY.matcher(name);
			if (policy.matches() && policy.group(1).equals(list)) {
				names.add(policy.group(2));
			}
		}
		for (String name : names) {
			String page = "policies/" + name + ".md";
			boolean own = Files.exists(Page.ROOT.resolve("docs").resolve(page));
			this.text.append("\n### ")
				.append("`" + name + "`\n\n")
				.append(description(Metadata.groups().get(PIPELINE + list + "[*]." + name)))
				.append(own ? " See [`" + name + "`](" + page + ").\n" : "\n");
			String prefix = PIPELINE + list + "[*]." + name + ".";
			table(prefix, (property) -> property.startsWith(prefix));
		}
	}

	private void section(String heading, String prefix, Predicate<String> properties) {
		this.text.append("\n## ").append(heading).append("\n");
		table(prefix, properties);
	}

	private void table(String prefix, Predicate<String> properties) {
		List<String> names = Metadata.properties().keySet().stream().filter(properties).toList();
		if (names.isEmpty()) {
			return;
		}
		this.text.append("\n| property | type | default | description |\n| --- | --- | --- | --- |\n");
		for (String name : names) {
			Map<String, Object> property = Metadata.properties().get(name);
			this.text.append("| `")
				.append(name.substring(prefix.length()).replace("[*]", "[]"))
				.append("` | ")
				.append(type(String.valueOf(property.get("type"))))
				.append(" | ")
				.append(value(property))
				.append(" | ")
				.append(description(property))
				.append(" |\n");
		}
	}

	private static String description(Map<String, Object> item) {
		return String.valueOf(item.getOrDefault("description", "")).replace("|", "\\|");
	}

	private static String value(Map<String, Object> property) {
		Object value = property.get("defaultValue");
		if (value == null) {
			return "";
		}
		if (String.valueOf(property.get("type")).endsWith(".Access")) {
			return "`" + String.valueOf(value).replace('_', '-') + "`";
		}
		String text = (value instanceof List<?> list)
				? list.stream().map(String::valueOf).collect(Collectors.joining(", ")) : String.valueOf(value);
		return text.isEmpty() ? "" : "`" + text + "`";
	}

	private static String type(String type) {
		int generic = type.indexOf('<');
		if (type.startsWith("java.util.Map")) {
			return "map";
		}
		if (generic > 0) {
			String element = type(type.substring(generic + 1, type.length() - 1));
			return element.startsWith("`") ? "list of " + element : "list";
		}
		return switch (type) {
			case "java.lang.Boolean" -> "boolean";
			case "java.lang.Integer", "java.lang.Long", "java.lang.Double" -> "number";
			case "java.time.Duration" -> "duration";
			case "org.springframework.util.unit.DataSize" -> "size";
			case "java.lang.String" -> "text";
			default -> constants(type);
		};
	}

	private static String constants(String type) {
		Object[] constants = ClassUtils.resolveClassName(type, null).getEnumConstants();
		return (constants != null) ? Arrays.stream(constants)
			.map((constant) -> "`" + ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
			.collect(Collectors.joining(", ")) : "settings";
	}

}
