/**
 * A demo gateway with policies.
 */
@NullMarked
package dev.wspolicy.demo;

import org.jspecify.annotations.NullMarked;
