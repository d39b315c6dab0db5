/**
 * Searches for the messages that cost the built-in policies most.
 */
@NullMarked
package dev.wspolicy.proving.worst;

import org.jspecify.annotations.NullMarked;
