package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes hold in memory.
 *
 * @param heap bytes of live objects on a JVM's heap; zero for others
 * @param resident bytes in RAM
 */
record Memory(long heap, long resident) {

	static Memory of(Lab.Running proxy) throws IOException, InterruptedException {
		long live = 0;
		if (proxy.contestant().isJava()) {
			// Twice: the first collection hands what is to be cleaned to its thread.
			liveBytes(proxy.child().pid());
			live = liveBytes(proxy.child().pid());
		}
		long inRam = 0;
		for (long pid : proxy.child().pids()) {
			inRam += resident(pid);
		}
		return new Memory(live, inRam);
	}

	private static long liveBytes(long pid) throws IOException, InterruptedException {
		Process jcmd = new ProcessBuilder(Jdk.running().executable("jcmd"), String.valueOf(pid), "GC.class_histogram")
			.redirectErrorStream(true)
			.start();
		List<String> lines = jcmd.inputReader().lines().toList();
		jcmd.waitFor();
		return totalOf(lines);
	}

	/** The bytes in the last line of a histogram. */
	static long totalOf(List<String> histogram) throws IOException {
		for (int i = histogram.size() - 1; i >= 0; i--) {
			String[] words = histogram.get(i).trim().split("\\s+");
			if (words.length == 3 && words[0].equals("Total")) {
				return Long.parseLong(words[2]);
			}
		}
		throw new IOException("jcmd has no histogram: " + histogram);
	}

	private static long resident(long pid) throws IOException {
		Path status = Path.of("/proc", String.valueOf(pid), "status");
		if (!Files.isReadable(status)) {
			return 0;
		}
		for (String line : Files.readAllLines(status)) {
			if (line.startsWith("VmRSS:")) {
				return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
			}
		}
		return 0;
	}

}
