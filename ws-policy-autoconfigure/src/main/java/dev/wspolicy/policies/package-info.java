/**
 * The policies that come with the library. Each is a small class that a pipeline names
 * with its settings, as it would a user's own.
 */
@NullMarked
package dev.wspolicy.policies;

import org.jspecify.annotations.NullMarked;
