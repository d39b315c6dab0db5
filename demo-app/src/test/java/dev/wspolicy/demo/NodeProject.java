package dev.wspolicy.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The scripts in {@code src/test/node}, copied to {@code target/node} with their
 * dependencies installed there, so that the source tree is not written to.
 */
record NodeProject(Path node, Path folder) {

	static NodeProject prepare() {
		Path npm = Tools.require("npm");
		NodeProject project = new NodeProject(Tools.require("node"), Path.of("target", "node"));
		Path lock = project.folder.resolveSibling("node.lock");
		// Test classes may run in several processes at once
		try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
			channel.lock();
			project.copy(Path.of("src", "test", "node"));
			project.install(npm);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return project;
	}

	/**
	 * Runs a file of tests. If one of them fails, fails with the output.
	 */
	void test(String file, Map<String, String> environment) {
		Result result = run(file, List.of(this.node.toString(), "--test", "--test-reporter=spec", file), environment);
		assertThat(result.exitCode()).as(result.output()).isZero();
	}

	private void copy(Path source) throws IOException {
		Files.createDirectories(this.folder);
		try (Stream<Path> files = Files.list(source).filter(Files::isRegularFile)) {
			for (Path file : files.toList()) {
				Path target = this.folder.resolve(file.getFileName());
				// Another process may be reading it
				if (!Files.exists(target) || Files.mismatch(file, target) != -1) {
					Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
				}
			}
		}
	}

	private void install(Path npm) throws IOException {
		Path lock = this.folder.resolve("package-lock.json");
		Path installed = this.folder.resolve("package-lock.installed.json");
		if (Files.exists(installed) && Files.mismatch(lock, installed) == -1) {
			return;
		}
		Result result = run("npm", List.of(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
				Map.of());
		if (result.exitCode() != 0) {
			throw Tools.unavailable(result.output());
		}
		Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
	}

	private Result run(String name, List<String> command, Map<String, String> environment) {
		Path output = this.folder.resolveSibling(name + ".txt");
		ProcessBuilder builder = new ProcessBuilder(command).directory(this.folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		builder.environment().putAll(environment);
		try {
			Process process = builder.start();
			boolean ended = process.waitFor(10, TimeUnit.MINUTES);
			if (!ended) {
				process.descendants().forEach(ProcessHandle::destroyForcibly);
				process.destroyForcibly().waitFor();
			}
			String verb = ended ? " printed:\n" : " did not end within ten minutes, and printed:\n";
			return new Result(process.exitValue(), String.join(" ", command) + verb + Files.readString(output));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private record Result(int exitCode, String output) {

	}

}
