package dev.wspolicy.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.benchmarks.load.LoadCommand;
import dev.wspolicy.benchmarks.load.LoadResult;

/**
 * A load generator in a process of its own.
 */
final class LoadClient implements AutoCloseable {

	private final JsonMapper json = JsonMapper.shared();

	private final Process process;

	private final BufferedWriter commands;

	private final BufferedReader results;

	private LoadClient(Process process) {
		this.process = process;
		this.commands = process.outputWriter();
		this.results = process.inputReader();
	}

	static LoadClient start(List<String> command) throws IOException {
		return new LoadClient(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
	}

	/** Have a load put on, and wait for its end. */
	LoadResult run(LoadCommand command) throws IOException {
		this.commands.write(this.json.writeValueAsString(command));
		this.commands.newLine();
		this.commands.flush();
		String line = this.results.readLine();
		if (line == null) {
			throw new IOException("the load generator has ended");
		}
		return this.json.readValue(line, LoadResult.class);
	}

	@Override
	public void close() throws IOException {
		this.commands.close();
		this.process.onExit().completeOnTimeout(this.process, 5, TimeUnit.SECONDS).join();
		this.process.destroyForcibly();
	}

}
