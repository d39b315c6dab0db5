package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.util.List;

/**
 * A proxy that takes part.
 */
interface Contestant {

	/**
	 * The name that options and figures use.
	 * @return the name
	 */
	String name();

	/**
	 * What readers of the figures see.
	 * @return the title
	 */
	String title();

	/**
	 * Whether it rewrites each message.
	 * @return {@code true} if so
	 */
	default boolean rewrites() {
		return false;
	}

	/**
	 * Whether it is a JVM, whose heap can be looked into.
	 * @return {@code true} if so
	 */
	default boolean isJava() {
		return false;
	}

	/**
	 * The name of the contestant that it is a variant of, such as one with another
	 * library or JDK; its own name if it is none.
	 * @return the name
	 */
	default String base() {
		return name();
	}

	/**
	 * The JVM arguments that it needs to be at its best.
	 * @return the arguments
	 */
	default List<String> jvmArgs() {
		return List.of();
	}

	/**
	 * Whether it is installed here.
	 * @return {@code true} if so
	 */
	boolean isPresent();

	/**
	 * How to start it.
	 * @param site where it works
	 * @return the command
	 * @throws IOException if its configuration cannot be written
	 */
	List<String> command(Site site) throws IOException;

}
