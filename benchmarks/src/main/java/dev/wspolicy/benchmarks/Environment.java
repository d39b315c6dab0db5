package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.netty.util.Version;
import org.springframework.boot.SpringBootVersion;

/**
 * What the figures depend on.
 */
final class Environment {

	private Environment() {
	}

	static Map<String, String> describe(Options options) {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put("rounds", String.valueOf(options.rounds()));
		environment.put("seconds per round", String.valueOf(options.duration().toMillis() / 1000.0));
		environment.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
		if (options.encryption() != Encryption.NONE) {
			environment.put("encrypted", options.encryption().name().toLowerCase(Locale.ROOT)
					+ (options.resumption() ? ", with resumption" : ""));
		}
		if (options.compression()) {
			environment.put("compressed", "both legs");
		}
		Jdk other = options.otherJdk();
		if (other != null) {
			environment.put("other JDK", String.valueOf(other.version()));
		}
		List<String> jvmArgs = options.jvmArgs();
		if (jvmArgs != null && !jvmArgs.isEmpty()) {
			environment.put("JVM arguments", String.join(" ", jvmArgs));
		}
		environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
				+ Runtime.getRuntime().availableProcessors() + " x " + processor());
		environment.put("Spring Boot", String.valueOf(SpringBootVersion.getVersion()));
		Version netty = Version.identify().get("netty-transport");
		environment.put("Netty", (netty != null) ? netty.artifactVersion() : "unknown");
		version(environment, "nginx", "-v");
		version(environment, "haproxy", "-v");
		if (options.ws() != null) {
			version(environment, "node", "-v");
		}
		return environment;
	}

	private static String processor() {
		Path file = Path.of("/proc/cpuinfo");
		try {
			return Files.readAllLines(file)
				.stream()
				.filter((line) -> line.startsWith("model name"))
				.map((line) -> line.substring(line.indexOf(':') + 1).trim())
				.findFirst()
				.orElse(System.getProperty("os.arch"));
		}
		catch (IOException ex) {
			return System.getProperty("os.arch");
		}
	}

	private static void version(Map<String, String> environment, String executable, String option) {
		Executables.find(executable).ifPresent((path) -> {
			try {
				Process process = new ProcessBuilder(path.toString(), option).redirectErrorStream(true).start();
				process.inputReader().lines().limit(1).forEach((line) -> environment.put(executable, line));
			}
			catch (IOException ex) {
				environment.put(executable, "unknown");
			}
		});
	}

}
