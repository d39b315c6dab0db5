package dev.wspolicy.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.springframework.core.io.ClassPathResource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON Schema of configuration files that the jar contains.
 */
final class ConfigurationSchema {

	/** The schema as it is in the jar. */
	static final String TEXT = read();

	/** The schema, parsed. */
	static final JsonNode JSON = JsonMapper.shared().readTree(TEXT);

	private static final SchemaRegistry registry = SchemaRegistry
		.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

	private static final Schema schema = registry.getSchema(JSON);

	private ConfigurationSchema() {
	}

	/**
	 * Returns the errors in a configuration file, which may consist of several documents.
	 */
	static List<String> errors(String yaml) {
		return StreamSupport.stream(new Yaml().loadAll(yaml).spliterator(), false)
			.flatMap((document) -> schema.validate(JsonMapper.shared().<JsonNode>valueToTree(document)).stream())
			.map(ConfigurationSchema::text)
			.toList();
	}

	/** Returns the errors in the schema itself. */
	static List<String> errorsOfSchema() {
		return registry.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()))
			.validate(JSON)
			.stream()
			.map(ConfigurationSchema::text)
			.toList();
	}

	private static String text(Error error) {
		return error.getInstanceLocation() + " " + error.getMessage();
	}

	private static String read() {
		try {
			return new ClassPathResource("META-INF/ws-policy.schema.json").getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
