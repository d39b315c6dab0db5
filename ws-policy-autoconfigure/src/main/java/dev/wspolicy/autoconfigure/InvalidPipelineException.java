package dev.wspolicy.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the configuration is invalid.
 */
final class InvalidPipelineException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String remedy;

	/**
	 * Creates an exception.
	 * @param problem what is wrong, in a sentence that names the property and its value
	 * @param remedy how to fix it, in one or more sentences
	 */
	InvalidPipelineException(String problem, String remedy) {
		this(problem, remedy, null);
	}

	/**
	 * Creates an exception with a cause.
	 * @param problem what is wrong, in a sentence that names the property and its value
	 * @param remedy how to fix it, in one or more sentences
	 * @param cause the cause, or {@code null}
	 */
	InvalidPipelineException(String problem, String remedy, @Nullable Throwable cause) {
		super(problem, cause);
		this.remedy = remedy;
	}

	/**
	 * Create an exception for a property that refers to an unknown name.
	 * @param property the property
	 * @param kind what the name refers to
	 * @param name the unknown name
	 * @param known the known names
	 * @return the exception
	 */
	static InvalidPipelineException unknownName(String property, String kind, String name, List<String> known) {
		return new InvalidPipelineException(
				"The property '" + property + "' names the " + kind + " '" + name + "', which does not exist.",
				NameSuggestion.remedy(name, known));
	}

	/**
	 * Create an exception for a policy in a list of another kind.
	 * @param property the property that lists the policy
	 * @param name the name of the policy
	 * @param subject what the policy applies to
	 * @param list the property to list it in
	 * @return the exception
	 */
	static InvalidPipelineException wrongList(String property, String name, String subject, String list) {
		return new InvalidPipelineException(
				"The property '" + property + "' lists '" + name + "', which is a policy on " + subject + ".",
				"List it below " + list + ".");
	}

	/**
	 * Create an exception for a policy bean that has settings.
	 * @param property the property that lists the policy
	 * @param name the name of the bean
	 * @param factory the type that accepts settings
	 * @return the exception
	 */
	static InvalidPipelineException settingsOfBean(String property, String name, String factory) {
		return new InvalidPipelineException(
				"The property '" + property + "' has settings for '" + name + "', which is a bean and accepts none.",
				"Remove the settings, or create the policy with " + factory + ".");
	}

	/**
	 * Create an exception for a policy that would be observed and cannot be.
	 * @param where the property or annotation that says so
	 * @param name the name of the policy
	 * @return the exception
	 */
	static InvalidPipelineException notObservable(String where, String name) {
		return new InvalidPipelineException(
				where + " observes the policy '" + name
						+ "', but the traffic would not be the same if its verdicts had no effect.",
				"Enforce it, or switch it off with 'mode: off'. With a 'share', set 'rest: off'.");
	}

	/**
	 * Create an exception for settings that a factory rejects.
	 * @param property the prefix of the settings
	 * @param cause the exception of the factory
	 * @return the exception
	 */
	static InvalidPipelineException invalidSettings(String property, IllegalArgumentException cause) {
		return new InvalidPipelineException("The settings below '" + property + "' are invalid: " + cause.getMessage(),
				"Correct the settings.", cause);
	}

	String remedy() {
		return this.remedy;
	}

}
