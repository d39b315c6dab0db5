package dev.wspolicy.benchmarks;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.wspolicy.policy.FramePolicy;

import static org.assertj.core.api.Assertions.assertThat;

class JavaCommandTests {

	@Test
	void stockHasNoWsPolicyOnItsClassPath() throws Exception {
		Path product = Path.of(FramePolicy.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		JavaCommand java = new JavaCommand("a.jar" + File.pathSeparator + product + File.pathSeparator + "b.jar");
		assertThat(java.withoutWsPolicy().command(List.of("-Xmx1g"), Map.of("a", "b"), String.class, "arg"))
			.endsWith("-Xmx1g", "-Da=b", "-cp", "a.jar" + File.pathSeparator + "b.jar", "java.lang.String", "arg");
	}

}
