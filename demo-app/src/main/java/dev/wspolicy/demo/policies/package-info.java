/**
 * Three sample policies. Each is a bean that says with an annotation which frames it
 * wants to be shown.
 */
@NullMarked
package dev.wspolicy.demo.policies;

import org.jspecify.annotations.NullMarked;
