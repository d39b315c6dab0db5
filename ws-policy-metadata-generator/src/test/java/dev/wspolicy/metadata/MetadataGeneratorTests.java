package dev.wspolicy.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The files that a build gets, and those that the next one finds.
 */
class MetadataGeneratorTests {

	private static final FileTime BEFORE = FileTime.fromMillis(0);

	@TempDir
	private Path folder;

	private Path output;

	@BeforeEach
	void compile() throws IOException {
		this.output = Files.createDirectories(this.folder.resolve("with a space/META-INF"));
		Files.writeString(this.output.resolve("additional-spring-configuration-metadata.json"), "{ }");
		Files.writeString(metadata(), """
				{ "groups": [], "properties": [ { "name": "sample.enabled" } ], "hints": [] }
				""");
	}

	@Test
	void addsToTheMetadata() throws IOException {
		generate();
		assertThat(metadata()).content().contains("\"sample.enabled\"", "\"sample.samples.*.max-wait\"");
		assertThat(schema()).content().contains("\"#/$defs/Sample\"");
	}

	@Test
	void keepsFilesThatDoNotChange() throws IOException {
		generate();
		String metadata = Files.readString(metadata());
		Files.setLastModifiedTime(metadata(), BEFORE);
		Files.setLastModifiedTime(schema(), BEFORE);
		generate();
		assertThat(metadata()).hasContent(metadata);
		assertThat(Files.getLastModifiedTime(metadata())).isEqualTo(BEFORE);
		assertThat(Files.getLastModifiedTime(schema())).isEqualTo(BEFORE);
	}

	@Test
	void replacesFilesThatChange() throws IOException {
		generate();
		String metadata = Files.readString(metadata());
		String schema = Files.readString(schema());
		Files.writeString(metadata(), metadata.replace("How long to wait", "How long it waited"));
		Files.writeString(schema(), "{ }");
		generate();
		assertThat(metadata()).hasContent(metadata);
		assertThat(schema()).hasContent(schema);
	}

	private Path metadata() {
		return this.output.resolve("spring-configuration-metadata.json");
	}

	private Path schema() {
		return this.output.resolve("ws-policy.schema.json");
	}

	private void generate() throws IOException {
		MetadataGenerator.main("sample", SampleBean.class.getName(), this.output.getParent().toString(),
				"src/test/java");
	}

}
