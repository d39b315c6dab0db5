package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * A JDK that is installed here.
 *
 * @param home its directory
 * @param version its version
 */
record Jdk(Path home, Runtime.Version version) {

	private static final List<String> LATER = List.of("--sun-misc-unsafe-memory-access=allow",
			"--enable-native-access=ALL-UNNAMED");

	/** The JDK that runs this. */
	static Jdk running() {
		return new Jdk(Path.of(System.getProperty("java.home")), Runtime.version());
	}

	/**
	 * Returns the JDK in a directory.
	 * @throws IllegalArgumentException if there is none
	 */
	static Jdk in(Path home) {
		Properties release = new Properties();
		try (Reader reader = Files.newBufferedReader(home.resolve("release"))) {
			release.load(reader);
		}
		catch (IOException ex) {
			throw new IllegalArgumentException("'" + home + "' (expected: the directory of a JDK)", ex);
		}
		String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
		return new Jdk(home, Runtime.Version.parse(version));
	}

	/** Its feature version, such as 17. */
	int feature() {
		return this.version.feature();
	}

	/** The arguments that Netty needs on later JDKs to use its fast access to memory. */
	List<String> nettyArgs() {
		return (feature() < 24) ? List.of() : LATER;
	}

	/** The path of one of its programs. */
	String executable(String name) {
		return this.home.resolve("bin").resolve(name).toString();
	}

}
