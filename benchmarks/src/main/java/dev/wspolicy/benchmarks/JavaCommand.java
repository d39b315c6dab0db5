package dev.wspolicy.benchmarks;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.wspolicy.autoconfigure.WsPolicyAutoConfiguration;
import dev.wspolicy.builtin.BuiltInPolicies;
import dev.wspolicy.policy.FramePolicy;

/**
 * How to start another JVM like this one.
 */
final class JavaCommand {

	private final Jdk jdk;

	private final String classPath;

	/**
	 * A command.
	 * @param jdk the JDK
	 * @param classPath the class path
	 */
	JavaCommand(Jdk jdk, String classPath) {
		this.jdk = jdk;
		this.classPath = classPath;
	}

	/** The JDK and the class path of this JVM. */
	static JavaCommand ofThis() {
		return new JavaCommand(Jdk.running(), System.getProperty("java.class.path"));
	}

	/** The same with another JDK. */
	JavaCommand with(Jdk jdk) {
		return new JavaCommand(jdk, this.classPath);
	}

	Jdk jdk() {
		return this.jdk;
	}

	/** The same, as if ws-policy did not exist. */
	JavaCommand withoutWsPolicy() {
		Set<Path> product = Stream.of(FramePolicy.class, BuiltInPolicies.class, WsPolicyAutoConfiguration.class)
			.map(JavaCommand::location)
			.collect(Collectors.toSet());
		return new JavaCommand(this.jdk,
				Stream.of(this.classPath.split(File.pathSeparator))
					.filter((element) -> !product.contains(Path.of(element).toAbsolutePath().normalize()))
					.collect(Collectors.joining(File.pathSeparator)));
	}

	/**
	 * The same with an archive in place of each folder, which a cache of classes needs.
	 * @param directory where to write the archives
	 */
	JavaCommand packed(Path directory) throws IOException {
		List<String> elements = new ArrayList<>();
		for (String element : this.classPath.split(File.pathSeparator)) {
			Path folder = Path.of(element);
			elements.add(Files.isDirectory(folder)
					? pack(folder, directory.resolve(elements.size() + ".jar").toAbsolutePath()).toString() : element);
		}
		return new JavaCommand(this.jdk, String.join(File.pathSeparator, elements));
	}

	private static Path pack(Path folder, Path archive) throws IOException {
		Files.createDirectories(archive.getParent());
		try (Stream<Path> files = Files.walk(folder);
				JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive))) {
			for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
				jar.putNextEntry(new JarEntry(folder.relativize(file).toString().replace(File.separatorChar, '/')));
				Files.copy(file, jar);
				jar.closeEntry();
			}
		}
		return archive;
	}

	/** Returns the folder or the archive that a class comes from. */
	static Path location(Class<?> type) {
		try {
			return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	List<String> command(List<String> jvmArgs, Map<String, String> properties, Class<?> main, String... args) {
		List<String> command = new ArrayList<>();
		command.add(this.jdk.executable("java"));
		command.addAll(jvmArgs);
		properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
		command.addAll(List.of("-cp", this.classPath, main.getName()));
		command.addAll(List.of(args));
		return command;
	}

}
