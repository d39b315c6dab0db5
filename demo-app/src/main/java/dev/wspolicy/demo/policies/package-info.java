/**
 * Three sample policies. Each is a bean whose annotation declares which frames it is
 * shown.
 */
@NullMarked
package dev.wspolicy.demo.policies;

import org.jspecify.annotations.NullMarked;
