/**
 * Benchmarks of what only this package sees.
 */
@NullMarked
package dev.wspolicy.netty;

import org.jspecify.annotations.NullMarked;
