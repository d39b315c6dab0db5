package dev.wspolicy.test;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.policy.Verdict;

/**
 * Entry point of the AssertJ assertions, which need {@code assertj-core} on the class
 * path. Import the method statically, beside those of AssertJ itself.
 */
public final class WsPolicyAssertions {

	private WsPolicyAssertions() {
	}

	/**
	 * Creates assertions for a verdict.
	 * @param verdict the verdict
	 * @return the assertions
	 */
	public static VerdictAssert assertThat(@Nullable Verdict verdict) {
		return new VerdictAssert(verdict);
	}

}
