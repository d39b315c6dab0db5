/**
 * Limits the work that a single message may cause.
 */
@NullMarked
package dev.wspolicy.effort;

import org.jspecify.annotations.NullMarked;
