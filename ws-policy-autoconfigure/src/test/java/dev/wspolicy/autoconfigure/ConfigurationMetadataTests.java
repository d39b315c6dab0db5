package dev.wspolicy.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The metadata that the annotation processor cannot derive: the properties without a
 * field, and the default values that are not literals.
 */
class ConfigurationMetadataTests {

	private static final String FILE = "META-INF/additional-spring-configuration-metadata.json";

	private final Map<String, Map<String, Object>> properties = read();

	@Test
	void defaultsAreThoseOfTheProperties() {
		WsPolicyProperties actual = new WsPolicyProperties();
		assertThat(defaultOf("ws-policy.drain.code")).isEqualTo(actual.getDrain().getCode());
		assertThat(defaultOf("ws-policy.turn.frames")).isEqualTo(actual.getTurn().getFrames());
		assertThat(sizeOf("ws-policy.turn.read-bytes")).isEqualTo(actual.getTurn().getReadBytes());
		assertThat(sizeOf("ws-policy.turn.inflated-bytes")).isEqualTo(actual.getTurn().getInflatedBytes());
	}

	@ParameterizedTest
	@ValueSource(strings = { "filter.ws-policy", "global-filter.incoming-upgrade", "global-filter.upgrade-observation",
			"global-filter.web-socket-upgrade", "global-filter.ws-policy-routing" })
	void filtersAreDescribed(String filter) {
		assertThat(this.properties.get("spring.cloud.gateway.server.webflux." + filter + ".enabled"))
			.containsEntry("type", "java.lang.Boolean")
			.containsEntry("defaultValue", true)
			.containsKey("description");
	}

	private Object defaultOf(String name) {
		return this.properties.get(name).get("defaultValue");
	}

	private DataSize sizeOf(String name) {
		return DataSize.parse((String) defaultOf(name));
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Map<String, Object>> read() {
		Map<String, Map<String, Object>> properties = new TreeMap<>();
		try {
			String json = new ClassPathResource(FILE).getContentAsString(StandardCharsets.UTF_8);
			for (Object property : (List<Object>) JsonParserFactory.getJsonParser().parseMap(json).get("properties")) {
				Map<String, Object> values = (Map<String, Object>) property;
				properties.put((String) values.get("name"), values);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return properties;
	}

}
