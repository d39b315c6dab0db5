package dev.wspolicy.builtin.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.Specification;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.BasicDialectRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import com.networknt.schema.regex.RegularExpressions;
import com.networknt.schema.resource.InputStreamSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.effort.Effort;
import dev.wspolicy.effort.EffortExceededException;
import dev.wspolicy.effort.MeteredText;
import dev.wspolicy.json.JsonMessage;

/**
 * Reads a schema and all schemas that it refers to, so that errors surface at start-up
 * and not with the first message.
 */
final class SchemaReader {

	private static final Map<String, SpecificationVersion> DRAFTS = Map.of("4", SpecificationVersion.DRAFT_4, "6",
			SpecificationVersion.DRAFT_6, "7", SpecificationVersion.DRAFT_7, "2019-09",
			SpecificationVersion.DRAFT_2019_09, "2020-12", SpecificationVersion.DRAFT_2020_12);

	private static final boolean RE2J_PRESENT = ClassUtils.isPresent("com.google.re2j.Pattern",
			SchemaReader.class.getClassLoader());

	private final JsonSchemaPolicy.Settings settings;

	private final ResourceLoader resources;

	SchemaReader(JsonSchemaPolicy.Settings settings, ResourceLoader resources) {
		this.settings = settings;
		this.resources = resources;
	}

	/**
	 * Reads the schema.
	 * @return the initialized schema
	 * @throws IllegalArgumentException if the schema cannot be read or is invalid
	 */
	Schema read() {
		SpecificationVersion draft = DRAFTS.get(this.settings.draft().strip());
		if (draft == null) {
			throw new IllegalArgumentException(
					"draft: '" + this.settings.draft() + "' (expected: 4, 6, 7, 2019-09 or 2020-12)");
		}
		Resource resource = this.resources.getResource(this.settings.schema());
		JsonNode tree = parse(resource);
		try {
			SchemaRegistry registry = registry(draft);
			verify(tree, draft);
			Schema schema = registry.getSchema(SchemaLocation.of(location(resource)), tree);
			schema.initializeValidators();
			return schema;
		}
		catch (SchemaException ex) {
			if (ex.getCause() instanceof IllegalArgumentException cause) {
				// Thrown by load
				throw cause;
			}
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' " + ex.getMessage(), ex);
		}
	}

	private JsonNode parse(Resource resource) {
		try {
			JsonNode tree = JsonMessage.parse(resource.getContentAsString(StandardCharsets.UTF_8));
			if (tree == null || !(tree.isObject() || tree.isBoolean())) {
				throw new IllegalArgumentException(
						"schema: '" + this.settings.schema() + "' (expected: a JSON object without duplicate members)");
			}
			return tree;
		}
		catch (IOException ex) {
			throw new IllegalArgumentException(
					"schema: '" + this.settings.schema() + "' cannot be read (" + ex.getMessage() + ")", ex);
		}
	}

	private static String location(Resource resource) {
		try {
			return resource.getURI().toString();
		}
		catch (IOException ex) {
			return "urn:ws-policy:schema";
		}
	}

	/** Validates the schema against the meta-schema of its draft. */
	private void verify(JsonNode tree, SpecificationVersion draft) {
		String dialect = tree.path("$schema").asString(draft.getDialectId());
		if (SpecificationVersion.fromDialectId(dialect).isEmpty()) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' has the $schema '" + dialect
					+ "' (expected: that of draft 4, 6, 7, 2019-09 or 2020-12)");
		}
		// Not with the registry of the schema, which may use another regular expression
		// engine
		List<Error> errors = SchemaRegistry.withDefaultDialect(draft)
			.getSchema(SchemaLocation.of(dialect))
			.validate(tree);
		if (!errors.isEmpty()) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' is invalid at "
					+ errors.get(0).getInstanceLocation() + ": " + errors.get(0).getMessage());
		}
	}

	private SchemaRegistry registry(SpecificationVersion draft) {
		SchemaRegistryConfig config = SchemaRegistryConfig.builder()
			.failFast(true)
			.locale(Locale.ROOT)
			.formatAssertionsEnabled(this.settings.formats() ? Boolean.TRUE : null)
			.regularExpressionFactory(expressions())
			.build();
		return SchemaRegistry.builder()
			.defaultDialectId(draft.getDialectId())
			.dialectRegistry(new BasicDialectRegistry(DRAFTS.values().stream().map(SchemaReader::dialect).toList()))
			.schemaRegistryConfig(config)
			.schemaLoader((loader) -> loader.resourceLoaders((loaders) -> loaders.add(this::load)))
			.build();
	}

	/**
	 * Returns the dialect of a draft without the keywords and formats that some messages
	 * cause to hang.
	 */
	private static Dialect dialect(SpecificationVersion draft) {
		return Dialect.builder(Specification.getDialect(draft))
			.keyword(new UniqueItemsKeyword())
			.formats((formats) -> formats.replaceAll((name, format) -> BoundedFormat.of(format)))
			.build();
	}

	private RegularExpressionFactory expressions() {
		JsonSchemaPolicy.Regex regex = this.settings.regex();
		if (regex == JsonSchemaPolicy.Regex.RE2 && !RE2J_PRESENT) {
			throw new IllegalArgumentException("regex: re2 requires RE2J, com.google.re2j:re2j");
		}
		return (regex != JsonSchemaPolicy.Regex.JAVA && RE2J_PRESENT) ? Re2RegularExpressions.factory()
				: SchemaReader::java;
	}

	/**
	 * Java's regular expressions may backtrack exponentially, so they stop when a message
	 * exceeds its effort.
	 */
	private static RegularExpression java(String expression) {
		Pattern pattern = compile(expression);
		return (text) -> {
			Effort effort = MeteredExecutionContext.current();
			if (effort == null) {
				return pattern.matcher(text).find();
			}
			try {
				return pattern.matcher(new MeteredText(text, effort, 4)).find();
			}
			catch (EffortExceededException ex) {
				throw new SchemaException(ex);
			}
		};
	}

	private static Pattern compile(String expression) {
		try {
			return Pattern.compile(RegularExpressions
				.replaceLongformCharacterProperties(RegularExpressions.replaceDollarAnchors(expression)));
		}
		catch (PatternSyntaxException ex) {
			throw new IllegalArgumentException(
					"schema: the pattern '" + expression + "' is invalid: " + ex.getDescription(), ex);
		}
	}

	private @Nullable InputStreamSource load(AbsoluteIri location) {
		if (!this.settings.remoteRefs() && !isLocal(location.toString())) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' refers to " + location
					+ " (expected: schemas of the application only, or remote-refs: true)");
		}
		Resource resource = this.resources.getResource(location.toString());
		return resource.exists() ? () -> open(resource) : null;
	}

	private static InputStream open(Resource resource) throws IOException {
		return resource.getInputStream();
	}

	/**
	 * Returns whether reading a location does not access another host. The URL of an
	 * archive contains the location of the archive, and a file URL may name another host.
	 */
	static boolean isLocal(String location) {
		int colon = location.indexOf(':');
		String rest = location.substring(colon + 1);
		return switch (location.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT)) {
			case "jar", "war", "zip" -> isLocal(rest);
			case "classpath", "nested", "resource" -> true;
			case "file" -> !rest.startsWith("//") || (rest.startsWith("///") && !rest.startsWith("////"))
					|| rest.startsWith("//localhost/");
			default -> false;
		};
	}

}
