package dev.wspolicy.policies.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import com.networknt.schema.regex.RegularExpressionFactory;
import com.networknt.schema.resource.InputStreamSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;

import dev.wspolicy.json.JsonMessage;

/**
 * Reads a schema and all that it refers to, so that nothing is left to be found out by
 * the first message.
 */
final class SchemaReader {

	private static final Map<String, SpecificationVersion> DRAFTS = Map.of("4", SpecificationVersion.DRAFT_4, "6",
			SpecificationVersion.DRAFT_6, "7", SpecificationVersion.DRAFT_7, "2019-09",
			SpecificationVersion.DRAFT_2019_09, "2020-12", SpecificationVersion.DRAFT_2020_12);

	private static final boolean RE2J_PRESENT = ClassUtils.isPresent("com.google.re2j.Pattern",
			SchemaReader.class.getClassLoader());

	private final JsonSchema.Settings settings;

	private final ResourceLoader resources;

	SchemaReader(JsonSchema.Settings settings, ResourceLoader resources) {
		this.settings = settings;
		this.resources = resources;
	}

	/**
	 * Read the schema.
	 * @return the schema, ready to be used
	 * @throws IllegalArgumentException if it cannot be read, or is none
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
				// What load has said
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
						"schema: '" + this.settings.schema() + "' (expected: a JSON object, no member twice)");
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

	/** Drafts describe themselves by schemas, which a schema must fit. */
	private void verify(JsonNode tree, SpecificationVersion draft) {
		String dialect = tree.path("$schema").asString(draft.getDialectId());
		if (SpecificationVersion.fromDialectId(dialect).isEmpty()) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' has the $schema '" + dialect
					+ "' (expected: that of draft 4, 6, 7, 2019-09 or 2020-12)");
		}
		// Not by the registry of the schema, whose expressions are not those of the
		// drafts.
		List<Error> errors = SchemaRegistry.withDefaultDialect(draft)
			.getSchema(SchemaLocation.of(dialect))
			.validate(tree);
		if (!errors.isEmpty()) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' is none, at "
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
		return SchemaRegistry.withDefaultDialect(draft, (builder) -> builder.schemaRegistryConfig(config)
			.schemaLoader((loader) -> loader.resourceLoaders((loaders) -> loaders.add(this::load))));
	}

	private RegularExpressionFactory expressions() {
		JsonSchema.Regex regex = this.settings.regex();
		if (regex == JsonSchema.Regex.RE2 && !RE2J_PRESENT) {
			throw new IllegalArgumentException("regex: re2 needs RE2J, com.google.re2j:re2j");
		}
		return (regex != JsonSchema.Regex.JAVA && RE2J_PRESENT) ? Re2Expressions.factory()
				: JDKRegularExpressionFactory.getInstance();
	}

	private @Nullable InputStreamSource load(AbsoluteIri location) {
		String scheme = location.getScheme();
		if (!this.settings.remoteRefs() && !isLocal(scheme)) {
			throw new IllegalArgumentException("schema: '" + this.settings.schema() + "' refers to " + location
					+ " (expected: schemas of the application only, or remote-refs: true)");
		}
		Resource resource = this.resources.getResource(location.toString());
		return resource.exists() ? () -> open(resource) : null;
	}

	private static InputStream open(Resource resource) throws IOException {
		return resource.getInputStream();
	}

	private static boolean isLocal(String scheme) {
		return switch (scheme) {
			case "classpath", "file", "jar", "nested", "resource" -> true;
			default -> false;
		};
	}

}
