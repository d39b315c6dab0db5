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

	/**
	 * A property lists a policy where policies of another kind stand.
	 * @param property the property
	 * @param name the name of the policy
	 * @param subject what the policy judges
	 * @param list where it belongs
	 * @return the exception
	 */
	static InvalidPipelineException wrongList(String property, String name, String subject, String list) {
		return new InvalidPipelineException(
				"The property '" + property + "' lists '" + name + "', which is a policy on " + subject + ".",
				"List it below " + list + ".");
	}

	/**
	 * A property gives settings to a bean.
	 * @param property the property
	 * @param name the name of the bean
	 * @param factory what takes settings
	 * @return the exception
	 */
	static InvalidPipelineException settingsOfBean(String property, String name, String factory) {
		return new InvalidPipelineException(
				"The property '" + property + "' gives settings to '" + name + "', which is a bean and takes none.",
				"Remove the settings, or make the policy with " + factory + ".");
	}

	/**
	 * A factory has refused its settings.
	 * @param property what the settings stand below
	 * @param cause what the factory says to them
	 * @return the exception
	 */
	static InvalidPipelineException uselessSettings(String property, IllegalArgumentException cause) {
		return new InvalidPipelineException(
				"The settings below '" + property + "' are of no use: " + cause.getMessage(),
				"Correct them as the message says.", cause);
	}

	String remedy() {
		return this.remedy;
	}

}
