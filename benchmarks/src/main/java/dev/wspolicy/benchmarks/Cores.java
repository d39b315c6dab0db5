package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who runs where: the proxy has one core for itself, and the two ends of the load share
 * another one, or have one each.
 *
 * @param proxy the core of the proxy
 * @param load the core of the load generator
 * @param upstream the core of the upstream
 */
record Cores(int proxy, int load, int upstream) {

	/** No process is bound to a core. */
	static final Cores NONE = new Cores(-1, -1, -1);

	private static final Path STATUS = Path.of("/proc/self/status");

	private static final String ALLOWED = "Cpus_allowed_list:";

	/**
	 * Choose from the cores that this process may use.
	 * @return the choice; {@link #NONE} where processes cannot be bound or there is one
	 * core only
	 * @throws IOException if the operating system does not tell
	 */
	static Cores choose() throws IOException {
		if (!Executables.isPresent("taskset") || !Files.isReadable(STATUS)) {
			return NONE;
		}
		for (String line : Files.readAllLines(STATUS)) {
			if (line.startsWith(ALLOWED)) {
				return of(parse(line.substring(ALLOWED.length()).trim()));
			}
		}
		return NONE;
	}

	static Cores of(List<Integer> allowed) {
		if (allowed.size() < 2) {
			return NONE;
		}
		return new Cores(allowed.get(0), allowed.get(1), allowed.get(Math.min(2, allowed.size() - 1)));
	}

	/** Read a list as the kernel writes it: {@code 0-2,5}. */
	static List<Integer> parse(String list) {
		List<Integer> cores = new ArrayList<>();
		for (String range : list.split(",")) {
			String[] ends = range.split("-");
			for (int core = Integer.parseInt(ends[0]); core <= Integer.parseInt(ends[ends.length - 1]); core++) {
				cores.add(core);
			}
		}
		return cores;
	}

	/** A command, bound to a core. */
	static List<String> bind(int core, List<String> command) {
		if (core < 0) {
			return command;
		}
		List<String> bound = new ArrayList<>(List.of("taskset", "-c", String.valueOf(core)));
		bound.addAll(command);
		return bound;
	}

}
