package dev.wspolicy.redis;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetRuntimeHints}.
 */
class FleetRuntimeHintsTests {

	@Test
	void scriptsAreIncluded() throws IOException {
		RuntimeHints hints = new RuntimeHints();
		new FleetRuntimeHints().registerHints(hints, null);
		Resource[] scripts = new PathMatchingResourcePatternResolver()
			.getResources("classpath*:dev/wspolicy/redis/*.lua");
		assertThat(scripts).isNotEmpty()
			.extracting(Resource::getFilename)
			.allSatisfy(
					(name) -> assertThat(RuntimeHintsPredicates.resource().forResource("dev/wspolicy/redis/" + name))
						.accepts(hints));
	}

}
