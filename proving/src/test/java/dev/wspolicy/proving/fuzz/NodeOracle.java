package dev.wspolicy.proving.fuzz;

import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.session.Side;

/**
 * Decodes with the receiver of Node's ws. Needs {@code node} and {@code npm}; without
 * them, a test is skipped, except in continuous integration, where it fails.
 */
final class NodeOracle {

	private static final JsonMapper JSON = JsonMapper.builder().build();

	private final Path folder;

	private NodeOracle(Path folder) {
		this.folder = folder;
	}

	static NodeOracle prepare() throws IOException, InterruptedException {
		require("node");
		Path npm = require("npm");
		Path folder = Files.createDirectories(Path.of("target", "node"));
		try (FileChannel channel = FileChannel.open(folder.resolveSibling("node.lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE)) {
			channel.lock();
			for (String name : List.of("package.json", "package-lock.json", "decode.js")) {
				Files.copy(Path.of("src", "test", "node", name), folder.resolve(name),
						StandardCopyOption.REPLACE_EXISTING);
			}
			if (!Files.exists(folder.resolve("node_modules"))) {
				File log = folder.resolve("npm.txt").toFile();
				int exit = new ProcessBuilder(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
					.directory(folder.toFile())
					.redirectErrorStream(true)
					.redirectOutput(log)
					.start()
					.waitFor();
				if (exit != 0) {
					throw unavailable(Files.readString(log.toPath()));
				}
			}
		}
		return new NodeOracle(folder);
	}

	private static Path require(String name) {
		return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
			.map((folder) -> Path.of(folder, name))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> unavailable(name + " is not on the PATH"));
	}

	private static RuntimeException unavailable(String why) {
		return (System.getenv("CI") != null) ? new IllegalStateException(why) : new TestAbortedException(why);
	}

	/**
	 * Decodes streams.
	 * @param trials who sends what
	 * @return what ws makes of each of them
	 * @throws IOException if Node fails
	 */
	List<Reading> read(List<RelayTrial> trials) throws IOException {
		Path answers = this.folder.resolve("answers.txt");
		Process process = new ProcessBuilder(require("node").toString(), "decode.js").directory(this.folder.toFile())
			.redirectOutput(answers.toFile())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (OutputStream stdin = process.getOutputStream(); DataOutputStream out = new DataOutputStream(stdin)) {
			for (RelayTrial trial : trials) {
				out.writeByte((trial.sender() == Side.CLIENT) ? 1 : 0);
				out.writeInt(trial.stream().length);
				out.write(trial.stream());
			}
		}
		process.onExit().join();
		List<Reading> readings = new ArrayList<>();
		for (String line : Files.readAllLines(answers)) {
			readings.add(readingOf(JSON.readTree(line)));
		}
		return readings;
	}

	private static Reading readingOf(JsonNode answer) {
		Reading reading = new Reading();
		for (JsonNode item : answer.get("items")) {
			reading.add(item.get(0).asString(), Base64.getDecoder().decode(item.get(1).asString()));
		}
		reading.close = answer.get("close").asInt();
		reading.error = answer.get("error").asInt();
		return reading;
	}

}
