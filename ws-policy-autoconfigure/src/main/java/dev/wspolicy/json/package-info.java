/**
 * Messages read as JSON, once for all policies that want them so. Needs Jackson.
 */
@NullMarked
package dev.wspolicy.json;

import org.jspecify.annotations.NullMarked;
