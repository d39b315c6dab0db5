/**
 * A gateway whose clients authenticate with tokens.
 */
@NullMarked
package dev.wspolicy.samples.oauth2;

import org.jspecify.annotations.NullMarked;
