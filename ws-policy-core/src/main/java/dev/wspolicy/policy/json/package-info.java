/**
 * Policies for JSON messages that are mapped to Java types. Requires Jackson.
 */
@NullMarked
package dev.wspolicy.policy.json;

import org.jspecify.annotations.NullMarked;
