/**
 * The gateways that are compared, each the main class of a process of its own.
 */
@NullMarked
package dev.wspolicy.benchmarks.gateway;

import org.jspecify.annotations.NullMarked;
