/**
 * Tests of what several threads use at once.
 */
@NullMarked
package dev.wspolicy.proving.concurrency;

import org.jspecify.annotations.NullMarked;
