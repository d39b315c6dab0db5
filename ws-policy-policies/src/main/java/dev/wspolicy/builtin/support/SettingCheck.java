package dev.wspolicy.builtin.support;

/**
 * Rejects settings that have no effect. A setting that was given its default value cannot
 * be told from one that is not set, and is accepted.
 */
public final class SettingCheck {

	private SettingCheck() {
	}

	/**
	 * Rejects a setting that does not apply, unless it has its default value.
	 * @param setting the name of the setting
	 * @param value the value of the setting
	 * @param defaultValue the default value of the setting
	 * @param reason why it does not apply, such as
	 * {@code supported with 'action: mask' only}
	 * @param <T> the type of the value
	 * @throws IllegalArgumentException if the value is not the default
	 */
	public static <T> void notApplicable(String setting, T value, T defaultValue, String reason) {
		if (!value.equals(defaultValue)) {
			throw new IllegalArgumentException(setting + ": " + reason);
		}
	}

}
