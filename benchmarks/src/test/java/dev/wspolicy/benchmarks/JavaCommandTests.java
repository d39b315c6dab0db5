package dev.wspolicy.benchmarks;

import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.wspolicy.autoconfigure.WsPolicyAutoConfiguration;
import dev.wspolicy.builtin.BuiltInPolicies;
import dev.wspolicy.policy.FramePolicy;

import static org.assertj.core.api.Assertions.assertThat;

class JavaCommandTests {

	@Test
	void stockHasNoWsPolicyOnItsClassPath() {
		String product = Stream.of(FramePolicy.class, BuiltInPolicies.class, WsPolicyAutoConfiguration.class)
			.map((type) -> JavaCommand.location(type).toString())
			.collect(Collectors.joining(File.pathSeparator));
		JavaCommand java = new JavaCommand(Jdk.running(),
				"a.jar" + File.pathSeparator + product + File.pathSeparator + "b.jar");
		assertThat(java.withoutWsPolicy().command(List.of("-Xmx1g"), Map.of("a", "b"), String.class, "arg"))
			.endsWith("-Xmx1g", "-Da=b", "-cp", "a.jar" + File.pathSeparator + "b.jar", "java.lang.String", "arg");
	}

}
