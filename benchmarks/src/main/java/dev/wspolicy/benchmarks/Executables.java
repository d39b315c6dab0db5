package dev.wspolicy.benchmarks;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Programs on this machine.
 */
final class Executables {

	private static final String MISSING = "'%s' needs '%s', which is not installed. Install it, for example with "
			+ "'apt-get install %s', or leave out the option.";

	private Executables() {
	}

	static boolean isPresent(String name) {
		return find(name).isPresent();
	}

	static Optional<Path> find(String name) {
		List<String> directories = new ArrayList<>(
				List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)));
		// Where servers are, and the path of users does not lead.
		directories.add("/usr/sbin");
		directories.add("/usr/local/sbin");
		return directories.stream()
			.map((directory) -> Path.of(directory, name))
			.filter(Files::isExecutable)
			.findFirst();
	}

	/**
	 * Returns the path of a program that an option needs.
	 * @throws IllegalArgumentException if it is not installed
	 */
	static String require(String name, String option) {
		return find(name).orElseThrow(() -> new IllegalArgumentException(MISSING.formatted(option, name, name)))
			.toString();
	}

}
