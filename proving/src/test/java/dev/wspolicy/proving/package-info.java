/**
 * Tests that try to break the relay with random streams, faults and load. Each has a
 * short form, which every build runs, and a long one, tagged {@code proving}.
 */
@NullMarked
package dev.wspolicy.proving;

import org.jspecify.annotations.NullMarked;
