/**
 * Traffic that goes on for long, after which nothing must be left.
 */
@NullMarked
package dev.wspolicy.proving.soak;

import org.jspecify.annotations.NullMarked;
