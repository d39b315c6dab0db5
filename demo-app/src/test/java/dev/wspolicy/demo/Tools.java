package dev.wspolicy.demo;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.opentest4j.TestAbortedException;

/**
 * Programs that some tests need. If one is missing, the test is skipped, except in
 * continuous integration, where it fails.
 */
final class Tools {

	private Tools() {
	}

	static Path require(String name) {
		return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
			.map((folder) -> Path.of(folder, name))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> unavailable(name + " is not on the PATH"));
	}

	/**
	 * Returns the exception to throw when a test cannot run here.
	 */
	static RuntimeException unavailable(String why) {
		return (System.getenv("CI") != null) ? new IllegalStateException(why) : new TestAbortedException(why);
	}

}
