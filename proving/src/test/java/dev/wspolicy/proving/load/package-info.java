/**
 * Thousands of sessions, some of which misbehave.
 */
@NullMarked
package dev.wspolicy.proving.load;

import org.jspecify.annotations.NullMarked;
