/**
 * The built-in policies. A pipeline configures each of them by name, in the same way as a
 * policy of the application. This package holds those that understand no particular
 * message format.
 * <p>
 * All types are internal; {@link dev.wspolicy.builtin.BuiltInPolicies} is public for the
 * auto-configuration only. What applications may replace is in
 * {@link dev.wspolicy.fleet}.
 */
@NullMarked
package dev.wspolicy.builtin;

import org.jspecify.annotations.NullMarked;
