/**
 * What governing costs: starts gateways and tunnels side by side, puts the same load on
 * each, and compares.
 */
@NullMarked
package dev.wspolicy.benchmarks;

import org.jspecify.annotations.NullMarked;
