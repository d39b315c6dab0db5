/**
 * Redacts payloads for observers: operators, and readers of logs.
 */
@NullMarked
package dev.wspolicy.redaction;

import org.jspecify.annotations.NullMarked;
