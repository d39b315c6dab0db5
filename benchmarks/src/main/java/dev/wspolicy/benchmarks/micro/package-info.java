/**
 * Benchmarks of parts, in one thread and without sockets.
 */
@NullMarked
package dev.wspolicy.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
