package dev.wspolicy.metadata;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What is read from a class and from its Javadoc.
 */
class SettingsReaderTests {

	private static final SourceComments comments = SourceComments.read(List.of(Path.of("src/test/java")));

	private final SettingsReader reader = new SettingsReader(comments);

	@Test
	void recordsHaveTheirComponents() {
		assertThat(this.reader.read(Sample.class, null))
			.extracting(Setting::name, Setting::description, Setting::defaultValue)
			.containsExactly(tuple("names", "'names' of things.", List.of("a", "b")),
					tuple("max-wait", "How long to wait.", "5s"), tuple("count", "Number.", null),
					tuple("shades", "Which shades to use, see DARK.", null), tuple("nested", "What is nested.", null));
	}

	@Test
	void beansHaveTheirPropertiesWithAGetter() {
		assertThat(this.reader.read(SampleBean.class, new SampleBean()))
			.extracting(Setting::name, Setting::description, Setting::defaultValue)
			.containsExactly(tuple("enabled", "Whether it is on.", true), tuple("time", "How long it takes.", "1500ms"),
					tuple("size", "How much it takes.", "64KB"), tuple("samples", "Samples by name.", null));
	}

	@Test
	void constraintsAreRead() {
		List<Setting> settings = this.reader.read(Sample.class, null);
		assertThat(settings).extracting(Setting::isRequired).containsExactly(true, false, false, false, false);
		assertThat(settings.get(2).bounds()).isEqualTo(Map.of("minimum", 1L));
	}

	@Test
	void constantsHaveNamesAndDescriptions() {
		assertThat(Constants.of(Sample.Shade.class, comments).values())
			.isEqualTo(Map.of("dark", "A little.", "very-bright", "The most."));
	}

	@Test
	void typesHaveTheirFirstSentence() {
		assertThat(comments.of(Sample.class)).isEqualTo("A group of keys.");
		assertThat(comments.of(SettingsReaderTests.class, "comments")).isNull();
	}

	@Test
	void aTextCanStandForAGroup() {
		assertThat(Types.hasShorthand(Sample.Nested.class)).isTrue();
		assertThat(Types.hasShorthand(Sample.class)).isFalse();
	}

}
