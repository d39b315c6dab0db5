/**
 * What those who look on are shown, operators and readers of logs, and how much of a
 * payload.
 */
@NullMarked
package dev.wspolicy.redaction;

import org.jspecify.annotations.NullMarked;
