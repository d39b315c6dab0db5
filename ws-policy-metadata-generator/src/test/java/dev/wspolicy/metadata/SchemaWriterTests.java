package dev.wspolicy.metadata;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How types, defaults and hints become a schema. The tests of the documentation validate
 * files with the schema of the product.
 */
class SchemaWriterTests {

	private static final String MANUAL = """
			{
				"properties": [ { "name": "sample.time", "defaultValue": "2s" } ],
				"hints": [
					{ "name": "sample.samples.keys", "values": [ { "value": "default" } ] },
					{ "name": "sample.samples.*.count", "values": [ { "value": 7 } ] }
				]
			}
			""";

	@TempDir
	private Path folder;

	@Test
	void writesTheKeysOfTheRoot() throws Exception {
		JsonNode bean = write().at("/$defs/SampleBean");
		assertThat(bean.at("/additionalProperties").booleanValue()).isFalse();
		assertThat(bean.at("/properties/enabled").toString())
			.isEqualTo("{\"description\":\"Whether it is on.\",\"default\":true,\"$ref\":\"#/$defs/boolean\"}");
		assertThat(bean.at("/properties/time/default").stringValue()).isEqualTo("2s");
		assertThat(bean.at("/properties/samples/additionalProperties/$ref").stringValue()).isEqualTo("#/$defs/Sample");
		assertThat(bean.at("/properties/samples/properties").propertyNames()).containsExactly("default");
	}

	@Test
	void writesTheKeysOfAGroup() throws Exception {
		JsonNode sample = write().at("/$defs/Sample");
		assertThat(sample.at("/required").toString()).isEqualTo("[\"names\"]");
		assertThat(sample.at("/properties/names/anyOf/0/minItems").intValue()).isOne();
		assertThat(sample.at("/properties/count/anyOf/0").toString()).isEqualTo("{\"minimum\":1,\"type\":\"integer\"}");
		assertThat(sample.at("/properties/count/examples").toString()).isEqualTo("[7]");
		assertThat(sample.at("/properties/nested/anyOf").toString())
			.isEqualTo("[{\"$ref\":\"#/$defs/Sample.Nested/properties/shade\"},{\"$ref\":\"#/$defs/Sample.Nested\"}]");
	}

	@Test
	void writesConstants() throws Exception {
		JsonNode shade = write().at("/$defs/Sample.Shade/anyOf");
		assertThat(shade.at("/0/enum").toString()).isEqualTo("[\"dark\",\"very-bright\"]");
		assertThat(shade.at("/0/enumDescriptions").toString()).isEqualTo("[\"A little.\",\"The most.\"]");
		String spellings = shade.at("/1/pattern").stringValue();
		assertThat(List.of("VERY_BRIGHT", "veryBright", "very.bright", "Dark"))
			.allMatch((text) -> text.matches(spellings));
		assertThat(List.of("bright", "darker")).noneMatch((text) -> text.matches(spellings));
	}

	@Test
	void writesDottedKeysAsPatterns() throws Exception {
		JsonNode schema = write();
		assertThat(schema.at("/properties").propertyNames()).containsExactly("sample");
		assertThat(schema.at("/patternProperties").propertyNames()).contains("^sample\\.enabled$",
				"^sample\\.samples\\.[^.]+$", "^sample\\.samples\\.[^.]+\\.nested\\.shade$");
		assertThat(schema.at("/$defs/Sample/patternProperties").propertyNames()).containsExactly("^nested\\.shade$");
	}

	private JsonNode write() throws Exception {
		Path manual = Files.writeString(this.folder.resolve("manual.json"), MANUAL);
		SourceComments comments = SourceComments.read(List.of(Path.of("src/test/java")));
		Map<String, Object> schema = new SchemaWriter(new SettingsReader(comments), comments,
				ManualMetadata.read(manual), List.of())
			.write("sample", SampleBean.class);
		return JsonMapper.shared().valueToTree(schema);
	}

}
