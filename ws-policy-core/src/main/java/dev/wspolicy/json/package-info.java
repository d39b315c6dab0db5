/**
 * Parses messages as JSON, once for all policies that use them. Requires Jackson.
 */
@NullMarked
package dev.wspolicy.json;

import org.jspecify.annotations.NullMarked;
