package dev.wspolicy.redis;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The threads that an application must not leave behind.
 */
final class LeftThreads {

	/** Of Reactor and the JDK, which all applications share, and of the tests. */
	private static final Pattern OTHERS = Pattern
		.compile("(parallel|boundedElastic|ForkJoinPool|HttpClient|process reaper|awaitility|raw-).*");

	private LeftThreads() {
	}

	static Set<Thread> alive() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> !OTHERS.matcher(thread.getName()).matches())
			.collect(Collectors.toSet());
	}

}
