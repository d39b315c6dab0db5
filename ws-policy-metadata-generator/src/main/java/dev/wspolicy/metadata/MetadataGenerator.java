package dev.wspolicy.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.springframework.util.ClassUtils;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the metadata and the schema into the output folder of the module that is built.
 */
public final class MetadataGenerator {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	private static final String MANUAL_METADATA = "META-INF/additional-spring-configuration-metadata.json";

	private static final String SCHEMA = "META-INF/ws-policy.schema.json";

	private static final JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	private MetadataGenerator() {
	}

	/**
	 * Generates the files.
	 * @param args the prefix of the properties, the class that is bound to it, the output
	 * folder with the compiled classes and resources of the module, and the folders of
	 * all source files that the settings and their types are declared in
	 * @throws IOException if a file cannot be read or written
	 */
	public static void main(String... args) throws IOException {
		String prefix = args[0];
		Class<?> properties = ClassUtils.resolveClassName(args[1], MetadataGenerator.class.getClassLoader());
		Path output = Path.of(args[2]);
		SourceComments comments = SourceComments.read(Stream.of(args).skip(3).map(Path::of).toList());
		SettingsReader reader = new SettingsReader(comments);
		ManualMetadata manual = ManualMetadata.read(output.resolve(MANUAL_METADATA));
		List<Policy> policies = Policy.findAll(comments);
		write(output.resolve(SCHEMA), new SchemaWriter(reader, comments, manual, policies).write(prefix, properties));
		Path metadata = output.resolve(METADATA);
		Map<String, Object> generated = json.readValue(metadata, new TypeReference<>() {
		});
		write(metadata, new MetadataWriter(reader, comments, manual, policies).write(generated, prefix, properties));
	}

	/** Leaves a file as it is if nothing changes, so that no jar has to be built anew. */
	private static void write(Path file, Map<String, Object> content) throws IOException {
		String text = json.writeValueAsString(content) + "\n";
		if (!Files.exists(file) || !Files.readString(file).equals(text)) {
			Files.writeString(file, text);
		}
	}

}
