/**
 * Random and mutated streams of bytes, of which the relay and independent decoders must
 * make the same.
 */
@NullMarked
package dev.wspolicy.proving.fuzz;

import org.jspecify.annotations.NullMarked;
