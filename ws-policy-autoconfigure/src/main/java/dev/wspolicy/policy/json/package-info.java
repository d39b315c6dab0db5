/**
 * Policies on JSON messages that have a type. Needs Jackson.
 */
@NullMarked
package dev.wspolicy.policy.json;

import org.jspecify.annotations.NullMarked;
