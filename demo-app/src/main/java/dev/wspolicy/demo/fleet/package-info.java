/**
 * What the profile {@code fleet} adds to the demo: a Redis server and a second gateway,
 * each in a process of its own, so that there is a single program to start.
 */
@NullMarked
package dev.wspolicy.demo.fleet;

import org.jspecify.annotations.NullMarked;
