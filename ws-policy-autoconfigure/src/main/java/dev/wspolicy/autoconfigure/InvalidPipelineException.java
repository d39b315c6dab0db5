package dev.wspolicy.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A pipeline cannot be made from its configuration.
 */
public final class InvalidPipelineException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String remedy;

	/**
	 * An exception.
	 * @param problem what is wrong, in a sentence that names the property and its value
	 * @param remedy what to do about it
	 */
	InvalidPipelineException(String problem, String remedy) {
		this(problem, remedy, null);
	}

	/**
	 * An exception.
	 * @param problem what is wrong, in a sentence that names the property and its value
	 * @param remedy what to do about it
	 * @param cause what has found it out, if anything
	 */
	InvalidPipelineException(String problem, String remedy, @Nullable Throwable cause) {
		super(problem, cause);
		this.remedy = remedy;
	}

	/**
	 * A property names something that does not exist.
	 * @param property the property
	 * @param kind what the name should be the name of
	 * @param name the name
	 * @param known the names there are
	 * @return the exception
	 */
	static InvalidPipelineException unknownName(String property, String kind, String name, List<String> known) {
		return new InvalidPipelineException(
				"The property '" + property + "' names the " + kind + " '" + name + "', which does not exist.",
				NearestName.remedy(name, known));
	}

	String remedy() {
		return this.remedy;
	}

}
