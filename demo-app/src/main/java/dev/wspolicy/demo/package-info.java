/**
 * A gateway to try the policies on.
 */
@NullMarked
package dev.wspolicy.demo;

import org.jspecify.annotations.NullMarked;
