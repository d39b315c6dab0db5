/**
 * Recordings of sessions as JSON Lines: their format, and what writes them to a file and
 * reads them. Requires Jackson.
 */
@NullMarked
package dev.wspolicy.recording;

import org.jspecify.annotations.NullMarked;
