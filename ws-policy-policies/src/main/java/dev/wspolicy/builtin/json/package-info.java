/**
 * The built-in policies for JSON messages. They require Jackson.
 * <p>
 * Internal: {@link dev.wspolicy.builtin.json.JsonPolicies} is public for the
 * auto-configuration only.
 */
@NullMarked
package dev.wspolicy.builtin.json;

import org.jspecify.annotations.NullMarked;
